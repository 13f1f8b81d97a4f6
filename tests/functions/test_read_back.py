"""What is accepted can be read back: any supplier, location or condition that an endpoint takes is found again as it
was answered with, alone and in its lists, by whatever text it is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from shared.domain.purchasing.product import Product
from tests.support.catalogs import catalog_rows, publish
from tests.support.running import Running
from tests.support.tenants import TestClient

# Over HTTP, so few; what is drawn is what is likely to break: long, wide, quoting, escaping, spaces at the ends.
FEW = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
TRICKY = st.sampled_from(
    [
        "__a__",
        "%5F",
        "%",
        "a/b",
        "a|b",
        "..",
        ".",
        "~",
        "`a`.b",
        "é",
        "e\u0301",
        "😀" * 50,
        "x" * 200,
        "漢" * 200,
        "नमस्ते",
    ]
)
LETTERS = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"), include_characters="\u200c")
TEXTS = TRICKY | st.text(LETTERS, min_size=1, max_size=200)
IDS = st.text(LETTERS, min_size=1, max_size=30) | TRICKY
# Only imports make products: they refuse these two ids, which no client can ask for.
ITEM_IDS = (IDS | st.text(LETTERS, min_size=400, max_size=500)).filter(lambda text: text not in (".", ".."))
MONEY = st.decimals(0, 1_000_000_000, places=2, allow_nan=False)
UNITS = st.decimals(0, 1_000_000, places=3, allow_nan=False)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these fields; numbers as JSON has them."""
    return st.fixed_dictionaries({}, optional=fields).map(
        lambda values: {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}
    )


SUPPLIER = some(
    external_id=st.none() | IDS,
    contact_name=st.none() | TEXTS,
    contact_email=st.none() | st.just("a+b@c.example"),
    contact_phone=st.none() | TEXTS,
    address=st.none() | TEXTS.map(lambda text: f"1\n{text}"),
    supplier_type=st.none() | TEXTS,
    payment_terms=st.none() | TEXTS,
    lead_time_days=st.none() | st.integers(0, 730),
    minimum_order_value=st.none() | MONEY,
    notes=st.none() | TEXTS,
)
LOCATION = some(
    type=st.sampled_from(["warehouse", "store"]),
    address=st.none() | TEXTS,
    city=st.none() | TEXTS,
    country=st.none() | TEXTS,
    is_default=st.booleans(),
)
PLANNING = some(
    service_level=st.none() | st.floats(0, 1, exclude_min=True, exclude_max=True),
    min_stock=st.none() | UNITS,
    max_stock=st.none() | UNITS,
    do_not_order=st.none() | st.booleans(),
    do_not_order_until=st.none() | st.sampled_from(["1900-01-01", "2999-12-31"]),
    reason=st.none() | TEXTS,
)
PRODUCT = st.builds(
    lambda name, others: {"product_name": name, **others},
    TEXTS,
    some(
        sku=st.none() | TEXTS,
        category=TEXTS,
        unit_cost=MONEY,
        unit_price=st.none() | MONEY,
        strategic=st.booleans(),
        planning=st.none() | PLANNING,
    ),
)
CONDITION = some(
    supplier_sku=st.none() | TEXTS,
    lead_time_days=st.integers(0, 730),
    moq=UNITS,
    packaging_unit=st.none() | TEXTS,
    packaging_qty=UNITS.filter(lambda units: units > 0),
    is_primary=st.booleans(),
    notes=st.none() | TEXTS,
)


def made(response: Any) -> bool:
    """Whether it was taken; what is not taken says why, and is no error of ours."""
    assert response.status_code in (201, 409, 422), response.text
    event(f"{response.status_code}")
    return bool(response.status_code == 201)


def path_of(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def rows(client: TestClient, path: str) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    found, token = [], ""
    while True:
        page = client.get(path, params={"page_size": 200} | ({"page_token": token} if token else {})).json()
        found += page["items"]
        token = page.get("next_page_token")
        if not token:
            assert page["total"] == len(found)
            return found


@FEW
@given(supplier_id=IDS, name=TEXTS, fields=SUPPLIER)
def test_suppliers(running: Running, supplier_id: str, name: str, fields: dict[str, Any]) -> None:
    shop = running.new_client()
    response = shop.post("/suppliers", json={"supplier_id": supplier_id, "name": name} | fields)
    if not made(response):
        return
    supplier = response.json()
    path = f"/suppliers/{path_of(supplier['supplier_id'])}"
    found = shop.get(path)
    assert found.status_code == 200, found.text
    assert {field: found.json()[field] for field in supplier} == supplier
    assert supplier in rows(shop, "/suppliers")
    again = {field: supplier[field] for field in (*fields, "name")}
    changed = shop.call("PUT", path, json=again, headers={"If-Match": found.headers["ETag"]})
    assert changed.json() == supplier | {"updated_at": changed.json()["updated_at"]}
    named = shop.get("/suppliers", params={"supplier_id": supplier["supplier_id"]}).json()["items"]
    assert supplier["supplier_id"] in [found["supplier_id"] for found in named]


@FEW
@given(location_id=IDS, name=TEXTS, fields=LOCATION)
def test_locations(running: Running, location_id: str, name: str, fields: dict[str, Any]) -> None:
    shop = running.new_client()
    response = shop.post("/locations", json={"location_id": location_id, "name": name} | fields)
    if not made(response):
        return
    location = response.json()
    found = shop.get(f"/locations/{path_of(location['location_id'])}")
    assert found.json() == location
    assert location in rows(shop, "/locations")


@FEW
@given(item_id=ITEM_IDS, fields=PRODUCT)
def test_products(running: Running, item_id: str, fields: dict[str, Any]) -> None:
    shop = running.new_client()
    shop.stock([Product(item_id, "Something")], {})
    publish(shop.tenant, catalog_rows({"item_id": item_id, "product_name": "Something", "location_id": None}))
    path = f"/products/{path_of(item_id)}"
    response = shop.call("PUT", path, json=fields)
    assert response.status_code in (200, 422), response.text
    if response.status_code == 200:
        product = response.json()
        detail = shop.get(path).json()
        assert {field: detail[field] for field in product} == product
        (row,) = shop.get("/products").json()["items"]
        shown = fields.keys() & row.keys()
        assert {field: row[field] for field in shown} == {field: product[field] for field in shown}
        again = shop.call("PUT", path, json={field: product[field] for field in fields})
        assert again.json() == product | {"updated_at": again.json()["updated_at"]}


@FEW
@given(item_id=ITEM_IDS, supplier_id=IDS, place=IDS, fields=CONDITION)
def test_conditions_and_places_of_an_item(
    running: Running, item_id: str, supplier_id: str, place: str, fields: dict[str, Any]
) -> None:
    shop = running.new_client()
    shop.stock([Product(item_id, "Something")], {})
    made(shop.post("/suppliers", json={"supplier_id": supplier_id, "name": f"of {supplier_id}"}))
    made(shop.post("/locations", json={"location_id": place, "name": "A place"}))
    product = f"/products/{path_of(item_id)}"
    response = shop.post(f"{product}/suppliers", json={"supplier_id": supplier_id.strip(), "supplier_cost": 1} | fields)
    if made(response):
        condition = response.json()
        path = f"{product}/suppliers/{path_of(condition['supplier_id'])}"
        assert shop.get(path).json() == condition
        assert condition in rows(shop, f"{product}/suppliers")
        sold = rows(shop, f"/suppliers/{path_of(condition['supplier_id'])}/products")
        assert item_id in [row["item_id"] for row in sold]
        assert shop.call("DELETE", path).status_code == 204
    response = shop.post(f"{product}/locations", json={"location_id": place.strip(), "current_stock": 0})
    if made(response):
        assert response.json()["location_id"] == place.strip()
        there = f"{product}/locations/{path_of(place.strip())}"
        assert shop.call("DELETE", there).status_code == 204
        assert shop.call("DELETE", there).status_code == 404
