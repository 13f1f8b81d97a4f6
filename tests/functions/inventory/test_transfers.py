"""Stock moved between locations, over HTTP: both ends or neither, once, and in every list from the next request on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests

from shared.domain.access.principal import Role
from shared.domain.location import Location
from shared.domain.purchasing.product import Product, StockLevel
from shared.domain.purchasing.stock_transfer import StockTransfer
from shared.firestore.idempotency_keys import IdempotencyKeys
from shared.firestore.locations import Locations
from shared.firestore.products import Products, StockLevels
from shared.firestore.transfers import Transfers
from tests.support import order_shop
from tests.support.at_once import at_once
from tests.support.editable_shop import row
from tests.support.firestore_meter import FirestoreMeter
from tests.support.hard_ids import HARD_IDS
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

TRANSFERS = "/inventory/transfers"
MOVED = {"item_id": "A/1", "from_location_id": "LONDON", "to_location_id": "DUBLIN", "quantity": 2.5}


def move(client: TestClient, key: str | None = None, **fields: Any) -> requests.Response:
    return client.post(TRANSFERS, json=MOVED | fields, headers={} if key is None else {"Idempotency-Key": key})


def levels(client: TestClient, item_id: str = "A/1") -> dict[str, Decimal]:
    return dict(StockLevels(client.tenant).get(item_id).levels)


def listed(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{TRANSFERS}?{query}")
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def test_stock_moves_and_every_list_shows_it_at_once(open_shop: TestClient) -> None:
    before, total = row(open_shop), open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"]
    response = move(open_shop, reason=" London is full ")
    assert response.status_code == 201, response.text
    made = response.json()
    created_at = dt.datetime.fromisoformat(made["created_at"])
    assert abs(created_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert made == MOVED | {
        "id": made["id"],
        "reason": "London is full",
        "created_by": f"user-{open_shop.client_id}",
        "created_at": made["created_at"],
    }
    stock = {
        place["location_id"]: place for place in open_shop.get("/inventory/stock-levels?item_id=A/1").json()["items"]
    }
    assert {place: held["current_stock"] for place, held in stock.items()} == {"DUBLIN": 7.5, "LONDON": 7.5}
    assert {held["updated_at"] for held in stock.values()} == {made["created_at"]}
    (at_dublin,) = open_shop.get("/products?search=A/1&location_id=DUBLIN").json()["items"]
    assert (at_dublin["current_stock"], at_dublin["inventory_value"]) == (7.5, 18.75)
    after = row(open_shop)
    assert {name for name in before if before[name] != after[name]} == {"stock_updated_at"}
    assert open_shop.get("/dashboard").json()["metrics"]["total_inventory_value"] == total
    assert listed(open_shop) == [made]
    assert response.headers["Location"] == f"/api/v1{TRANSFERS}/{made['id']}"
    single = open_shop.get(f"{TRANSFERS}/{made['id']}", role=Role.VIEWER)
    assert (single.json(), single.headers["ETag"]) == (made, response.headers["ETag"])


def test_stock_moves_to_a_location_that_did_not_keep_the_item(open_shop: TestClient) -> None:
    assert move(open_shop, to_location_id="ROTTERDAM", quantity=10).status_code == 201
    assert levels(open_shop) == {"DUBLIN": 5, "LONDON": 0, "ROTTERDAM": 10}
    rows = open_shop.get("/inventory/stock-levels?item_id=A/1").json()["items"]
    assert [held["location_id"] for held in rows] == ["DUBLIN", "LONDON", "ROTTERDAM"]


def test_a_transfer_is_audited(open_shop: TestClient) -> None:
    made = move(open_shop, reason="full").json()
    (entry,) = open_shop.get("/audit?subject=stock_level&subject_id=A/1").json()["items"]
    assert (entry["action"], entry["reason"]) == ("stock_level.transferred", "full")
    assert entry["before"] == {"levels": {"LONDON": "10.000", "DUBLIN": "5.000"}}
    assert entry["after"] == {"levels": {"LONDON": "7.500", "DUBLIN": "7.500"}, "transfer_id": made["id"]}


# What cannot be


def test_no_more_moves_than_there_is(open_shop: TestClient) -> None:
    problem = assert_problem(move(open_shop, quantity=10.001), 409, "not_enough_stock")
    assert problem["detail"] == "'A/1' has 10.000 in stock at 'LONDON': 10.001 cannot be moved"
    assert problem["errors"][0]["pointer"] == "/quantity"
    problem = assert_problem(move(open_shop, from_location_id="ROTTERDAM"), 409, "not_enough_stock")
    assert problem["detail"] == "'A/1' has 0.000 in stock at 'ROTTERDAM': 2.500 cannot be moved"
    assert levels(open_shop) == {"LONDON": 10, "DUBLIN": 5}
    assert listed(open_shop) == []
    assert open_shop.get("/audit?subject=stock_level").json()["total"] == 0


@pytest.mark.parametrize(
    ("fields", "status", "code", "detail"),
    [
        ({"to_location_id": "LONDON"}, 422, "transfer_to_itself", "'LONDON' is where the stock is; name another"),
        ({"to_location_id": "PARIS"}, 422, "location_not_found", "no location 'PARIS': add it at /locations first"),
        ({"from_location_id": "PARIS"}, 422, "location_not_found", "no location 'PARIS': add it at /locations first"),
        ({"item_id": "none"}, 404, "product_not_found", "no product 'none'"),
        ({"quantity": 0}, 422, "invalid_input", "/quantity"),
        ({"quantity": -1}, 422, "invalid_input", "/quantity"),
        ({"quantity": 0.0001}, 422, "invalid_input", "/quantity"),
        ({"quantity": 1_000_000_001}, 422, "invalid_input", "/quantity"),
        ({"quantity": None}, 422, "invalid_input", "/quantity"),
        ({"reason": " "}, 422, "invalid_input", "/reason"),
        ({"expected_stock": 9}, 409, "stock_differs", "'A/1' has 10.000 in stock at 'LONDON' now, not 9 as expected"),
        ({"colour": "red"}, 422, "unknown_field", "'colour'"),
    ],
)
def test_what_cannot_move_is_refused(
    open_shop: TestClient, fields: dict[str, Any], status: int, code: str, detail: str
) -> None:
    problem = assert_problem(move(open_shop, **fields), status, code)
    assert detail in problem["detail"]
    assert levels(open_shop) == {"LONDON": 10, "DUBLIN": 5}
    assert listed(open_shop) == []


def test_the_expected_stock_is_that_of_where_it_comes_from(open_shop: TestClient) -> None:
    assert move(open_shop, expected_stock=10).status_code == 201
    assert_problem(move(open_shop, expected_stock=10), 409, "stock_differs")
    assert levels(open_shop) == {"LONDON": Decimal("7.5"), "DUBLIN": Decimal("7.5")}


@pytest.mark.parametrize("role", [Role.CEO, Role.MARKETING, Role.VIEWER, Role.SERVICE])
def test_only_editors_move_stock(open_shop: TestClient, role: Role) -> None:
    refused = open_shop.post(TRANSFERS, role=role, json={"quantity": -1})
    assert "allowed: ADMIN, PROCUREMENT" in assert_problem(refused, 403, "role_not_allowed")["detail"]
    assert open_shop.post(TRANSFERS, role=Role.PROCUREMENT, json=MOVED).status_code == 201


def test_transfers_of_other_clients_are_unknown(open_shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    made, other = move(open_shop).json(), new_client()
    assert listed(other) == []
    assert_problem(other.get(f"{TRANSFERS}/{made['id']}"), 404, "transfer_not_found")
    assert_problem(move(other), 404, "product_not_found")


# Once, and none lost


def test_a_transfer_that_is_sent_twice_moves_once(open_shop: TestClient) -> None:
    first = move(open_shop, key="k")
    again = move(open_shop, key="k")
    assert (again.status_code, again.json(), again.headers["ETag"]) == (201, first.json(), first.headers["ETag"])
    assert levels(open_shop)["LONDON"] == Decimal("7.5")
    assert_problem(move(open_shop, key="k", quantity=1), 422, "idempotency_key_reused")
    assert move(open_shop, key="other").status_code == 201
    assert levels(open_shop)["LONDON"] == 5


def test_a_transfer_whose_request_died_after_its_commit_is_found_again(open_shop: TestClient) -> None:
    first = move(open_shop, key="k", quantity=10)
    IdempotencyKeys(open_shop.tenant).free(first.json()["id"])
    again = move(open_shop, key="k", quantity=10)
    assert (again.status_code, again.json()) == (201, first.json())
    assert levels(open_shop) == {"LONDON": 0, "DUBLIN": 15}
    assert len(listed(open_shop)) == 1


def test_transfers_at_once_all_count_and_none_moves_what_is_gone(open_shop: TestClient) -> None:
    """Were one lost, more than 15 units would be in stock, or fewer."""
    answers = at_once(
        *[lambda: move(open_shop, quantity=4)] * 4,
        *[lambda: move(open_shop, from_location_id="DUBLIN", to_location_id="ROTTERDAM", quantity=5)] * 2,
    )
    out_of_london = [answer.status_code for answer in answers[:4]]
    assert sorted(out_of_london) == [201, 201, 409, 409]
    moved = [answer.status_code for answer in answers[4:]].count(201)
    assert levels(open_shop) == {"LONDON": 2, "DUBLIN": 13 - 5 * moved, "ROTTERDAM": 5 * moved}
    assert len(listed(open_shop)) == 2 + moved
    stock = open_shop.get("/inventory/stock-levels?item_id=A/1").json()["items"]
    assert {held["location_id"]: held["current_stock"] for held in stock} == levels(open_shop)


def test_a_transfer_that_races_receipts_loses_none_of_them(client: TestClient) -> None:
    shop, item = order_shop.open_shop(client), order_shop.ITEMS[0]
    order = shop.order(item, status="shipped")
    fields = MOVED | {"item_id": item, "quantity": 3}
    answers = at_once(
        *[lambda: shop.receive(order["id"], {item: 2})] * 3, *[lambda: client.post(TRANSFERS, json=fields)] * 3
    )
    assert {answer.status_code for answer in answers} == {201}
    assert levels(client, item) == {"LONDON": 10 + 6 - 9, "DUBLIN": 9}
    assert shop.row(item)["current_stock"] == 16


def test_of_a_correction_and_a_transfer_at_once_neither_is_lost(open_shop: TestClient) -> None:
    body = {"item_id": "A/1", "location_id": "ROTTERDAM", "current_stock": 8, "reason": "counted"}
    moved, corrected = at_once(
        lambda: move(open_shop), lambda: open_shop.call("PUT", "/inventory/stock-levels", json=body)
    )
    assert (moved.status_code, corrected.status_code) == (201, 200)
    assert levels(open_shop) == {"LONDON": Decimal("7.5"), "DUBLIN": Decimal("7.5"), "ROTTERDAM": 8}


# The list


def _made(number: int, day: int, item_id: str = "A/1", places: str = "LONDON DUBLIN") -> StockTransfer:
    origin, destination = places.split()
    at = dt.datetime(2024, 6, day, 12, number, tzinfo=dt.UTC)
    return StockTransfer(f"t{number}", item_id, origin, destination, Decimal(number), None, "ann", at)


KEPT = (
    _made(1, 1),
    _made(2, 1, item_id="normal", places="DUBLIN ROTTERDAM"),
    _made(3, 2, places="DUBLIN LONDON"),
    _made(4, 3, item_id="normal"),
    _made(5, 4, places="ROTTERDAM LONDON"),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "54321"),
        ("item_id=A/1", "531"),
        ("item_id=A/1,normal", "54321"),
        ("location_id=DUBLIN", "4321"),
        ("location_id=ROTTERDAM&location_id=LONDON", "54321"),
        ("item_id=normal&location_id=LONDON", "4"),
        ("from_date=2024-06-02", "543"),
        ("to_date=2024-06-02", "321"),
        ("from_date=2024-06-02&to_date=2024-06-03&item_id=A/1", "3"),
        ("location_id=LONDON&to_date=2024-06-01", "1"),
        ("item_id=a/1", ""),
        ("page=2&page_size=2", "32"),
    ],
)
def test_the_list_is_narrowed_and_the_newest_come_first(client: TestClient, query: str, expected: str) -> None:
    Transfers(client.tenant).put_many(KEPT)
    assert "".join(transfer["id"][1:] for transfer in listed(client, query)) == expected


def test_pages_by_token_hold_each_once(client: TestClient, meter: FirestoreMeter) -> None:
    Transfers(client.tenant).put_many(KEPT)
    seen, query = [], "page_size=2&location_id=LONDON"
    for _ in range(3):
        page = client.get(f"{TRANSFERS}?{query}").json()
        assert page["total"] == 4
        seen += [transfer["id"] for transfer in page["items"]]
        if page["next_page_token"] is None:
            break
        query = f"page_size=2&location_id=LONDON&page_token={page['next_page_token']}"
    assert seen == ["t5", "t4", "t3", "t1"]
    meter.reset()
    listed(client)
    assert meter.of(client.client_id).reads == len(KEPT)


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ("from_date=2024-06-02&to_date=2024-06-01", "invalid_range", "to_date (2024-06-01) is before from_date"),
        ("item_id=" + ",".join("abcdef") + "&location_id=" + ",".join("ABCDEF"), "invalid_input", "36 combinations"),
        ("page_token=none", "invalid_page_token", "'none'"),
        ("colour=red", "unknown_field", "'colour'"),
    ],
)
def test_what_is_no_filter_is_refused(client: TestClient, query: str, code: str, named: str) -> None:
    assert named in assert_problem(client.get(f"{TRANSFERS}?{query}"), 422, code)["detail"]


@pytest.mark.parametrize("name", HARD_IDS)
def test_hard_names_move_and_are_found(client: TestClient, name: str) -> None:
    place = name[:200]
    Products(client.tenant).put_many([Product(name, "Hard")])
    StockLevels(client.tenant).put_many([StockLevel(name, {place: Decimal(3)})])
    Locations(client.tenant).put_many([Location("SHOP", "Shop")])
    fields = {"item_id": name, "from_location_id": place, "to_location_id": "SHOP", "quantity": 1}
    assert client.post(TRANSFERS, json=fields).status_code == 201
    assert levels(client, name) == {place: 2, "SHOP": 1}
    if "," not in name and name == name.strip():
        (found,) = listed(client, f"item_id={quote(name, safe='')}&location_id={quote(place, safe='')}")
        assert (found["item_id"], found["from_location_id"]) == (name, place)


def test_what_a_transfer_costs(open_shop: TestClient, meter: FirestoreMeter) -> None:
    open_shop.get("/inventory/stock-levels")
    move(open_shop)  # reads the chunk of the item's demand profile
    open_shop.get("/inventory/stock-levels")
    meter.reset()
    move(open_shop)
    # Read: the pointer twice, the item's last edit, product, stock.
    # Written: the stock, its entry, the transfer, the rows, the item's edit, the pointer.
    assert (meter.of(open_shop.client_id).reads, meter.of(open_shop.client_id).writes) == (5, 6)
