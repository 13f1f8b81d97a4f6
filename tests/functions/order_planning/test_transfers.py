"""What to move between locations before more is bought, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.access.principal import Role
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

PATH = "/order-planning/transfers"


def suggested(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{PATH}?{query}", role=Role.VIEWER)
    assert response.status_code == 200, response.text
    page = response.json()
    assert page["total"] >= len(page["items"])
    items: list[dict[str, Any]] = page["items"]
    return items


def told(transfers: list[dict[str, Any]]) -> list[str]:
    return [
        f"{move['quantity']:g} {move['item_id']} {move['from_location_id']}-{move['to_location_id']}"
        for move in transfers
    ]


def test_a_surplus_goes_to_where_most_sales_are_at_risk(kept_places: TestClient) -> None:
    transfers = suggested(kept_places)
    assert told(transfers) == ["13 short LONDON-DUBLIN", "37 enough LONDON-DUBLIN"]
    assert transfers[0]["sales_at_risk"] > transfers[1]["sales_at_risk"] > 0
    rows = kept_places.get("/products?location_id=DUBLIN").json()["items"]
    at_dublin = {row["item_id"]: row for row in rows}
    for move in transfers:
        shown = at_dublin[move["item_id"]]
        for name in ("product_name", "category", "stockout_risk", "sales_at_risk", "as_of"):
            assert move[name] == shown[name]


def test_a_transfer_explains_itself(kept_places: TestClient) -> None:
    (move,) = suggested(kept_places, "item_id=enough")
    figures = {name: move[name] for name in ("from_stock", "from_order_up_to", "to_stock", "to_order_up_to")}
    assert figures == {"from_stock": 100, "from_order_up_to": 37, "to_stock": 0, "to_order_up_to": 37}
    assert move["reason"] == (
        f"DUBLIN has 0 in stock and lacks 37 of the 37 that it is ordered up to, and sales of "
        f"{move['sales_at_risk']:.2f} are at risk there; LONDON has 100, 63 more than it needs itself: move 37."
    )


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("item_id=enough", ["enough"]),
        ("item_id=enough,short", ["short", "enough"]),
        ("category=LIGHTS", ["enough"]),
        ("category=lights&category=Kitchen", ["short", "enough"]),
        ("from_location_id=LONDON&to_location_id=DUBLIN", ["short", "enough"]),
        ("from_location_id=DUBLIN", []),
        ("to_location_id=LEEDS,LONDON", []),
        ("item_id=ENOUGH", []),
        ("page=2&page_size=1", ["enough"]),
    ],
)
def test_the_list_is_narrowed(kept_places: TestClient, query: str, items: list[str]) -> None:
    assert [move["item_id"] for move in suggested(kept_places, query)] == items


def test_what_is_no_filter_is_refused(kept_places: TestClient) -> None:
    problem = assert_problem(kept_places.get(f"{PATH}?location_id=LONDON"), 422, "unknown_field")
    assert "'location_id'" in problem["detail"]
    assert_problem(kept_places.get(f"{PATH}?from_location_id={'x' * 201}"), 422, "invalid_input")


def test_it_costs_one_read_and_a_304_when_nothing_changed(kept_places: TestClient, meter: FirestoreMeter) -> None:
    tag = kept_places.get(PATH).headers["ETag"]
    meter.reset()
    suggested(kept_places)
    assert meter.of(kept_places.client_id) == Billed(reads=1)
    assert kept_places.get(PATH, headers={"If-None-Match": tag}).status_code == 304


def test_what_has_been_moved_is_not_suggested_again(places: TestClient) -> None:
    (move,) = suggested(places, "item_id=enough")
    body = {name: move[name] for name in ("item_id", "from_location_id", "to_location_id", "quantity")}
    moved = places.post("/inventory/transfers", json=body | {"expected_stock": move["from_stock"]})
    assert moved.status_code == 201, moved.text
    assert told(suggested(places)) == ["13 short LONDON-DUBLIN"]


def test_a_correction_shows_in_the_next_request(places: TestClient) -> None:
    body = {"item_id": "enough", "location_id": "LONDON", "current_stock": 40.5, "reason": "counted"}
    assert places.call("PUT", "/inventory/stock-levels", json=body).status_code == 200
    assert told(suggested(places, "item_id=enough")) == ["3 enough LONDON-DUBLIN"]
    body["committed"] = 40
    assert places.call("PUT", "/inventory/stock-levels", json=body).status_code == 200
    assert suggested(places, "item_id=enough") == []


def test_before_any_metrics_there_is_nothing_to_move(client: TestClient) -> None:
    assert_problem(client.get(PATH), 404, "catalog_not_ready")
