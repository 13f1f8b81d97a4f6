"""A shop with three places, planned by hand.

Each item sells the same every day, so that with the policy forecast_30d and a safety buffer of 7 days a place is
ordered up to 37 times as much.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain.location import Location
from shared.domain.purchasing.product import Product
from shared.firestore.locations import Locations
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.planned_shop import THIRTY_DAYS
from tests.support.tenants import TestClient

PLACES = ("DUBLIN", "LEEDS", "LONDON")


def _item(item_id: str, category: str, places: dict[str, tuple[str, float]], **terms: Any) -> dict[str, Any]:
    """An item with the stock of each place and what it sells there a day."""
    return {
        "item_id": item_id,
        "product_name": f"The {item_id}",
        "category": category,
        "places": places,
        "lead_time_days": 10,
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "supplier_cost": Decimal("0.50"),
        "moq": Decimal(0),
        "packaging_qty": Decimal(1),
        **terms,
    }


ITEMS = (
    # Enough for both: 63 of London are more than its 37.
    _item("enough", "Lights", {"LONDON": ("100", 1.0), "DUBLIN": ("0", 1.0)}),
    # London can give 13; of the MOQ, Dublin lacks 61 of 98 then, Leeds 37.
    _item(
        "short",
        "Kitchen",
        {"LONDON": ("50", 1.0), "DUBLIN": ("0", 2.0), "LEEDS": ("0", 1.0)},
        moq=Decimal(200),
        packaging_qty=Decimal(10),
    ),
    # Dublin lacks 18.5, London 2,700.
    _item("branch", "Lights", {"LONDON": ("1000", 100.0), "DUBLIN": ("0", 0.5)}, moq=Decimal(2880)),
    _item("single", "Kitchen", {"LEEDS": ("2", 1.0)}),
    _item("nowhere", "Kitchen", {}),
    # In packs of half a unit: Dublin lacks 9.25, London 18.5.
    _item("halves", "Lights", {"LONDON": ("0", 0.5), "DUBLIN": ("0", 0.25)}, packaging_qty=Decimal("0.5")),
)


def places_shop(client: TestClient) -> TestClient:
    """Give the client ITEMS, in their documents and in a catalog."""
    tenant = client.tenant
    client.put_settings(THIRTY_DAYS)
    Locations(tenant).put_many([Location(place, place.title()) for place in PLACES])
    client.stock(
        [Product(item["item_id"], item["product_name"], category=item["category"]) for item in ITEMS],
        {item["item_id"]: {place: stock for place, (stock, _) in item["places"].items()} for item in ITEMS},
    )
    rows, profiles = [], []
    for item in ITEMS:
        fields = {name: value for name, value in item.items() if name != "places"}
        stocks = {place: Decimal(stock) for place, (stock, _) in item["places"].items()}
        sold = {place: daily for place, (_, daily) in item["places"].items()}
        rows.append(fields | {"current_stock": sum(stocks.values(), Decimal(0))})
        profiles.append(profile(item["item_id"], daily=[sum(sold.values()) or 1.0] * 90))
        for place, stock in stocks.items():
            rows.append(fields | {"location_id": place, "current_stock": stock})
            profiles.append(profile(item["item_id"], place, daily=[sold[place]] * 90))
    publish(tenant, catalog_rows(*rows), profile_frame(*profiles), settings=THIRTY_DAYS)
    return client
