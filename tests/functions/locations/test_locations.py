"""Locations over HTTP: kept by buyers, one default, none deleted that is in use."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from shared.catalog.edit import CatalogEdit, edit_item
from shared.domain.access.principal import Role
from shared.domain.errors import NotFound
from shared.domain.location import Location, LocationNotFound
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.locations import Locations
from shared.firestore.products import StockLevels
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

LONDON = {"location_id": "LONDON", "name": "London"}
NOWHERE = dict.fromkeys(("address", "city", "country"))


def times(location: dict[str, Any]) -> dict[str, str]:
    """What the database says of the location's document, as it is answered with."""
    return {name: location[name] for name in ("created_at", "updated_at")}


def add(client: TestClient, location_id: str, **fields: Any) -> Any:
    response = client.post("/locations", json={"location_id": location_id, "name": location_id.title()} | fields)
    assert response.status_code == 201, response.text
    return response


def sync(client: TestClient, location_id: str) -> None:
    Locations(client.tenant).put_many([Location(location_id, location_id.title(), is_synced=True)])


def defaults(client: TestClient) -> list[str]:
    return [one["location_id"] for one in client.get("/locations").json()["items"] if one["is_default"]]


def test_a_location_is_added_and_found(client: TestClient) -> None:
    given = {
        **LONDON,
        "type": "store",
        "address": "1 Mill Lane",
        "city": "London",
        "country": "United Kingdom",
        "is_default": True,
    }
    response = client.post("/locations", json=given)
    assert response.status_code == 201
    assert response.headers["Location"] == "/api/v1/locations/LONDON"
    found = client.get("/locations/LONDON")
    made = found.json()
    assert made == response.json() == given | {"is_synced": False} | times(made)
    assert made["created_at"] == made["updated_at"]
    assert client.get("/locations").json()["items"] == [made]
    assert found.headers["ETag"] == response.headers["ETag"]


def test_what_is_left_out_takes_its_default(client: TestClient) -> None:
    made = client.post("/locations", json=LONDON).json()
    assert made == {**LONDON, "type": "warehouse", "is_default": False, "is_synced": False} | NOWHERE | times(made)


def test_a_location_of_the_clients_system_may_have_an_id_and_a_name_only(client: TestClient) -> None:
    client.tenant.collection("locations").document("OLD").set({"location_id": "OLD", "name": "Old", "is_synced": True})
    stored = client.get("/locations/OLD").json()
    expected = {"location_id": "OLD", "name": "Old", "is_synced": True, "type": None, "is_default": False}
    assert stored == expected | NOWHERE | times(stored)
    assert client.get("/locations").json()["items"] == [stored]


@pytest.mark.parametrize("location_id", ["a/b", "50%", "ünï", "漢字 1", "locations", "...", "__x__"])
def test_an_id_may_hold_any_printable_character(client: TestClient, location_id: str) -> None:
    where = add(client, location_id).headers["Location"].removeprefix("/api/v1")
    assert where == f"/locations/{quote(location_id, safe='')}"
    assert client.get(where).json()["location_id"] == location_id


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"location_id": "*"}, "/location_id"),
        ({"location_id": ".."}, "/location_id"),
        ({"location_id": ""}, "/location_id"),
        ({"location_id": " "}, "/location_id"),
        ({"location_id": "=1+1"}, "/location_id"),
        ({"location_id": "x" * 201}, "/location_id"),
        ({"location_id": "a\nb"}, "/location_id"),
        ({"name": ""}, "/name"),
        ({"name": "@cmd"}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"type": "shed"}, "/type"),
        ({"address": "x" * 501}, "/address"),
        ({"city": "a\nb"}, "/city"),
        ({"country": "x" * 201}, "/country"),
        ({"location_id": "a\u200db"}, "/location_id"),
        ({"name": "\u200d"}, "/name"),
        ({"is_default": None}, "/is_default"),
    ],
)
def test_what_a_location_cannot_be(client: TestClient, given: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(client.post("/locations", json=LONDON | given), 422, "invalid_input")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert client.get("/locations").json()["items"] == []


def test_the_star_is_said_to_stand_for_all(client: TestClient) -> None:
    problem = assert_problem(client.post("/locations", json=LONDON | {"location_id": "*"}), 422, "invalid_input")
    assert "stands for all locations together" in problem["detail"]


def test_unknown_fields_are_refused_by_name(client: TestClient) -> None:
    problem = assert_problem(client.post("/locations", json=LONDON | {"is_synced": True}), 422, "unknown_field")
    assert "is_synced" in problem["detail"]


def test_an_id_is_taken_once(client: TestClient) -> None:
    add(client, "LONDON")
    problem = assert_problem(client.post("/locations", json=LONDON), 409, "location_exists")
    assert "'LONDON'" in problem["detail"]


def test_a_repeated_request_adds_one_location(client: TestClient) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (client.post("/locations", json=LONDON, headers=key) for _ in range(2))
    assert (first.status_code, first.json(), first.headers["ETag"]) == (201, second.json(), second.headers["ETag"])
    other = client.post("/locations", json=LONDON | {"name": "Other"}, headers=key)
    assert_problem(other, 422, "idempotency_key_reused")


def test_a_request_killed_after_its_commit_can_be_repeated(client: TestClient) -> None:
    add(client, "LONDON")
    repeated = client.post("/locations", json=LONDON, headers={"Idempotency-Key": "again"})
    assert repeated.status_code == 201
    other = client.post("/locations", json=LONDON | {"name": "Other"}, headers={"Idempotency-Key": "other"})
    assert_problem(other, 409, "location_exists")


def test_pages_follow_each_other_by_id(client: TestClient) -> None:
    ids = ["Z", "a", "B/1", "ä", "C"]
    for location_id in ids:
        add(client, location_id)
    found, query = [], "page_size=2"
    while query:
        page = client.get(f"/locations?{query}").json()
        found += [one["location_id"] for one in page["items"]]
        token = page["next_page_token"]
        query = f"page_size=2&page_token={token}" if token else ""
    assert found == sorted(ids)


def test_a_token_that_is_none_is_refused(client: TestClient) -> None:
    assert_problem(client.get("/locations?page_token=%C3%A4"), 422, "invalid_page_token")


def test_put_replaces_all_fields(client: TestClient) -> None:
    made = add(client, "LONDON", type="store", address="1 Mill Lane", city="London", is_default=True).json()
    response = client.call("PUT", "/locations/LONDON", json={"name": "London 2"})
    expected = {"location_id": "LONDON", "name": "London 2", "type": "warehouse"}
    assert response.json() == expected | {"is_default": False, "is_synced": False} | NOWHERE | times(response.json())
    assert response.json()["created_at"] == made["created_at"] < response.json()["updated_at"]
    assert client.get("/locations/LONDON").json() == response.json()


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "x"}), ("DELETE", None)])
def test_a_version_is_honoured(client: TestClient, method: str, body: Any) -> None:
    stale = add(client, "LONDON").headers["ETag"]
    fresh = client.call("PUT", "/locations/LONDON", json={"name": "New"}, headers={"If-Match": stale}).headers["ETag"]
    refused = client.call(method, "/locations/LONDON", json=body, headers={"If-Match": stale})
    assert fresh.strip('"') in assert_problem(refused, 412, "stale_version")["detail"]
    assert client.get("/locations/LONDON").json()["name"] == "New"
    assert client.call(method, "/locations/LONDON", json=body, headers={"If-Match": fresh}).status_code in (200, 204)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)])
def test_a_location_that_is_not_there(client: TestClient, method: str, body: Any) -> None:
    problem = assert_problem(client.call(method, "/locations/NOWHERE", json=body), 404, "location_not_found")
    assert "'NOWHERE'" in problem["detail"]


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "x"}), ("DELETE", None)])
def test_a_synced_location_is_left_to_its_own_system(client: TestClient, method: str, body: Any) -> None:
    sync(client, "LONDON")
    problem = assert_problem(client.call(method, "/locations/LONDON", json=body), 409, "location_is_synced")
    assert "your own system" in problem["detail"]
    assert client.get("/locations/LONDON").json()["name"] == "London"


@pytest.mark.parametrize("role", Role)
def test_buyers_write_and_everyone_reads(client: TestClient, role: Role) -> None:
    sync(client, "SYNCED")
    writes = {
        client.post("/locations", role=role, json=LONDON).status_code,
        client.call("PUT", "/locations/LONDON", role=role, json={"name": "x"}).status_code,
        client.call("DELETE", "/locations/LONDON", role=role).status_code,
    }
    assert writes == ({201, 200, 204} if role in (Role.ADMIN, Role.PROCUREMENT) else {403})
    assert client.get("/locations", role=role).status_code == 200
    assert client.get("/locations/SYNCED", role=role).status_code == 200


def test_a_client_sees_its_own_locations_only(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    add(client, "LONDON", is_default=True)
    other = new_client()
    assert other.get("/locations").json()["items"] == []
    assert_problem(other.get("/locations/LONDON"), 404, "location_not_found")
    assert_problem(other.call("DELETE", "/locations/LONDON"), 404, "location_not_found")
    assert Locations(other.tenant).default_id() is None


def test_a_new_default_takes_the_place_of_the_other(client: TestClient) -> None:
    add(client, "A", is_default=True)
    add(client, "B", is_default=True)
    assert defaults(client) == ["B"]
    client.call("PUT", "/locations/A", json={"name": "A", "is_default": True})
    assert defaults(client) == ["A"]
    assert Locations(client.tenant).default_id() == "A"


def test_two_defaults_at_once_end_with_one(client: TestClient) -> None:
    names = [f"L{number}" for number in range(6)]
    threads = [threading.Thread(target=add, args=(client, name), kwargs={"is_default": True}) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(client.get("/locations").json()["items"]) == len(names)
    assert defaults(client) == [Locations(client.tenant).default_id()]


def test_deleting_the_default_leaves_none(client: TestClient) -> None:
    add(client, "A")
    add(client, "B", is_default=True)
    assert client.call("DELETE", "/locations/B").status_code == 204
    assert Locations(client.tenant).default_id() == "A"
    add(client, "B")
    assert defaults(client) == []


def hold(client: TestClient, **stock: str) -> None:
    """Keep items at LONDON, in their documents and in a catalog."""
    StockLevels(client.tenant).put_many(StockLevel(item, {"LONDON": Decimal(units)}) for item, units in stock.items())
    rows = [
        {"item_id": item, "location_id": "LONDON", "current_stock": Decimal(units)} for item, units in stock.items()
    ]
    whole = [{**row, "location_id": None} for row in rows]
    publish(client.tenant, catalog_rows(*rows, *whole))


def test_a_location_that_holds_stock_stays(client: TestClient) -> None:
    add(client, "LONDON")
    add(client, "DUBLIN")
    hold(client, a="2.5", b="0", c="10")
    problem = assert_problem(client.call("DELETE", "/locations/LONDON"), 409, "location_holds_stock")
    assert "'LONDON' holds 12.500 units of 2 items" in problem["detail"]
    assert client.get("/locations/LONDON").status_code == 200
    assert client.call("DELETE", "/locations/DUBLIN").status_code == 204


def test_before_the_first_metrics_the_stock_documents_say_what_it_holds(client: TestClient) -> None:
    add(client, "LONDON")
    client.stock([Product("a", "A")], {"a": {"LONDON": "3"}, "b": {"LONDON": "0", "DUBLIN": "4"}})
    problem = assert_problem(client.call("DELETE", "/locations/LONDON"), 409, "location_holds_stock")
    assert "holds 3 units of 1 items" in problem["detail"]


@pytest.mark.parametrize("location_id", ["LONDON", "__L__", "50% of.it/`a`", "*x"])
def test_a_location_goes_once_no_product_is_kept_there(client: TestClient, location_id: str) -> None:
    path = quote(location_id, safe="")
    add(client, "DUBLIN")
    add(client, location_id)
    client.stock([Product(item, item) for item in "abcd"], {})
    publish(client.tenant, catalog_rows(*({"item_id": item, "product_name": item} for item in "abcd")))
    for item in "abcd":
        for place in ("DUBLIN", location_id):
            kept = client.post(f"/products/{item}/locations", json={"location_id": place})
            assert kept.status_code == 201, kept.text
    problem = assert_problem(client.call("DELETE", f"/locations/{path}"), 409, "location_has_items")
    assert "with none in stock: 'a', 'b', 'c' and more" in problem["detail"]
    for item in "abcd":
        assert client.call("DELETE", f"/products/{item}/locations/{path}").status_code == 204
    assert client.call("DELETE", f"/locations/{path}").status_code == 204
    assert_problem(client.get(f"/locations/{path}"), 404, "location_not_found")
    assert client.get("/products", params={"location_id": location_id}).json()["items"] == []
    for item in "abcd":
        left = client.get(f"/products/{item}/locations").json()["items"]
        assert [row["location_id"] for row in left] == ["DUBLIN"]
    assert client.get("/products/a").json()["current_stock"] == 0


def test_what_a_location_holds_is_corrected_there_whatever_its_id(client: TestClient) -> None:
    add(client, "__L__")
    client.stock([Product("a", "A")], {})
    publish(client.tenant, catalog_rows({"item_id": "a", "product_name": "A"}))
    body = {"item_id": "a", "location_id": "__L__", "current_stock": 5, "reason": "counted"}
    assert client.call("PUT", "/inventory/stock-levels", json=body).status_code == 200
    (row,) = client.get("/products/a/locations").json()["items"]
    assert (row["location_id"], row["current_stock"]) == ("__L__", 5)
    assert StockLevels(client.tenant).get("a").levels == {"__L__": Decimal(5)}
    problem = assert_problem(client.call("DELETE", "/locations/__L__"), 409, "location_holds_stock")
    assert "holds 5.000 units of 1 items" in problem["detail"]
    refused = client.call("DELETE", "/products/a/locations/__L__")
    assert "5.000 of product 'a'" in assert_problem(refused, 409, "stock_remains")["detail"]


@pytest.mark.parametrize("name", ["فروشگاه\u200cها", "क्\u200dष", "👩\u200d🍳 Shop"])
def test_a_name_may_have_the_joiners_of_its_script(client: TestClient, name: str) -> None:
    assert add(client, "L", name=name).json()["name"] == name
    assert client.get("/locations/L").json()["name"] == name


def test_pages_have_numbers_and_a_total(client: TestClient) -> None:
    for location_id in "ABCDE":
        add(client, location_id)
    page = client.get("/locations?page=2&page_size=2").json()
    assert [location["location_id"] for location in page["items"]] == ["C", "D"]
    assert (page["page"], page["page_size"], page["total"]) == (2, 2, 5)
    assert_problem(client.get(f"/locations?page=3&page_token={page['next_page_token']}"), 422, "invalid_input")
    after = client.get(f"/locations?page_size=2&page_token={page['next_page_token']}").json()
    assert ([location["location_id"] for location in after["items"]], after["total"]) == (["E"], 5)
    assert_problem(client.get("/locations?page_token="), 422, "invalid_input")


@pytest.mark.parametrize("length", [1_000, 3_000])
def test_an_id_longer_than_any_is_refused(client: TestClient, length: int) -> None:
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert_problem(client.call(method, f"/locations/{'x' * length}", json=body), 422, "invalid_input")
        assert_problem(
            client.call(method, f"/locations/{quote('😀' * (length // 4))}", json=body), 422, "invalid_input"
        )


def test_a_location_that_open_orders_are_bound_for_stays(client: TestClient) -> None:
    add(client, "LONDON")
    for number in range(1, 6):
        put_order(client, order(number, status="received" if number == 1 else "shipped"))
    problem = assert_problem(client.call("DELETE", "/locations/LONDON"), 409, "location_has_open_orders")
    assert problem["detail"].count("PO-2024-") == 3
    assert "and more" in problem["detail"]
    assert "PO-2024-000001" not in problem["detail"]


def test_what_is_billed(client: TestClient, meter: FirestoreMeter) -> None:
    add(client, "LONDON", is_default=True)
    meter.reset()
    client.get("/locations")
    assert meter.of(client.client_id).reads == 1
    meter.reset()
    client.get("/locations/LONDON")
    assert meter.of(client.client_id).reads == 1
    meter.reset()
    add(client, "DUBLIN", is_default=True)
    billed = meter.of(client.client_id)
    assert (billed.reads, billed.writes) == (3, 3)
    meter.reset()
    assert Locations(client.tenant).default_id() == "DUBLIN"
    assert meter.of(client.client_id).reads == 1


def test_a_location_is_not_deleted_under_stock_that_arrives_meanwhile(client: TestClient) -> None:
    """Either the stock comes first and the location stays, or the location goes first and the stock is refused."""
    places = [f"L{number}" for number in range(4)]
    for place in places:
        add(client, place)
    hold(client, a="0")
    outcomes: dict[str, list[bool]] = {place: [False, False] for place in places}

    def deliver(place: str) -> None:
        def work(edit: CatalogEdit) -> None:
            if not Locations(client.tenant).exists(place, edit.transaction):
                raise LocationNotFound(place)
            stored = StockLevels(client.tenant).get("a")
            stock = StockLevel("a", {**stored.levels, place: Decimal(5)})
            StockLevels(client.tenant).put(edit.transaction, stock)
            edit.set_stock(stock)

        with contextlib.suppress(NotFound):
            edit_item(client.tenant, "a", work)
            outcomes[place][0] = True

    def remove(place: str) -> None:
        outcomes[place][1] = client.call("DELETE", f"/locations/{place}").status_code == 204

    threads = [threading.Thread(target=act, args=(place,)) for place in places for act in (deliver, remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(delivered != removed for delivered, removed in outcomes.values()), outcomes


def test_a_search_finds_locations_by_beginnings_of_their_words(client: TestClient) -> None:
    add(client, "LONDON", city="London", country="GB")
    add(client, "ZH-1", name="Łager Zürich", city="Zürich", country="Switzerland")
    add(client, "ZH-2", name="Laden", city="Zürich", country="Switzerland")
    for search, expected in [
        ("lon", ["LONDON"]),
        ("ZURICH", ["ZH-1", "ZH-2"]),
        ("zürich switz", ["ZH-1", "ZH-2"]),
        ("zh-2", ["ZH-2"]),
        ("lager", ["ZH-1"]),
        ("rich", []),
    ]:
        page = client.get("/locations", params={"search": search}).json()
        assert ([location["location_id"] for location in page["items"]], page["total"]) == (expected, len(expected))


def test_a_search_has_pages_by_number_and_by_token(client: TestClient) -> None:
    for location_id in ("%", "A", "a/b", "b"):
        add(client, location_id, city="Bath")
    add(client, "c", city="York")
    ids = [one["location_id"] for one in client.get("/locations", params={"search": "bath"}).json()["items"]]
    assert sorted(ids) == ["%", "A", "a/b", "b"]
    by_token: list[str] = []
    token = ""
    while token is not None:
        behind = {"page_token": token} if token else {}
        page = client.get("/locations", params={"search": "bath", "page_size": 1} | behind).json()
        by_token += [location["location_id"] for location in page["items"]]
        assert page["total"] == 4
        token = page["next_page_token"]
    second = client.get("/locations", params={"search": "bath", "page_size": 3, "page": 2}).json()
    assert by_token == ids
    assert [location["location_id"] for location in second["items"]] == ids[3:]
