"""A purchase for all locations together: each one's share of it, and the view of a single location, over HTTP."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
import simplejson

from shared.catalog.edit import edit_catalog
from shared.catalog.supplier_records import supplier_record
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.places_shop import PLACES
from tests.support.tenants import TestClient

PATH = "/order-planning/suggestions"


def suggestions(client: TestClient, query: str = "") -> dict[str, Any]:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = simplejson.loads(response.text, use_decimal=True)
    return answer


def lines(client: TestClient, query: str = "") -> dict[str, dict[str, Any]]:
    groups = suggestions(client, query)["groups"]
    return {line["item_id"]: line for group in groups for line in group["lines"]}


def shared_out(line: dict[str, Any]) -> dict[str, Decimal]:
    return {share["location_id"]: share["quantity"] for share in line["allocation"]}


def test_each_line_says_who_gets_how_much_and_what_to_move_first(kept_places: TestClient) -> None:
    shown = lines(kept_places)
    assert {item: (line["quantity"], shared_out(line)) for item, line in shown.items()} == {
        # Of 98 that both lack once 13 have come from London: 61 and 37.
        "short": (200, {"DUBLIN": 124, "LEEDS": 76}),
        "branch": (2880, {"DUBLIN": 20, "LONDON": 2860}),
        "single": (35, {"LEEDS": 35}),
        "nowhere": (37, {}),
        "halves": (28, {"DUBLIN": Decimal("9.333"), "LONDON": Decimal("18.667")}),
    }
    moved = {"from_location_id": "LONDON", "to_location_id": "DUBLIN", "quantity": 13}
    assert shown["short"]["transfers"] == [moved]
    assert shown["short"]["reason"].endswith(" First move 13 from LONDON to DUBLIN.")
    assert all(line["transfers"] == [] for item, line in shown.items() if item != "short")
    assert all(line["order_quantity"] == line["quantity"] for line in shown.values())


def test_a_location_sees_the_lines_it_has_a_share_of_and_its_share(kept_places: TestClient) -> None:
    dublin = lines(kept_places, "location_id=DUBLIN")
    assert {item: line["quantity"] for item, line in dublin.items()} == {
        "short": 124,
        "branch": 20,
        "halves": Decimal("9.333"),
    }
    branch = dublin["branch"]
    figures = ("location_id", "current_stock", "order_up_to", "need", "moq", "moq_uplift", "pack_uplift")
    assert [branch[name] for name in figures] == ["DUBLIN", 0, 18.5, 18.5, 2880, 0, 0]
    assert (branch["order_quantity"], branch["total_price"]) == (2880, 10)
    assert "so 18.5 are needed: its share of the 2880 to order for all locations is 20." in branch["reason"]
    assert "MOQ" not in branch["reason"]
    assert shared_out(branch) == {"DUBLIN": 20, "LONDON": 2860}
    assert lines(kept_places, "location_id=NOWHERE") == {}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_recommended_for_a_location_is_what_it_is_suggested(kept_places: TestClient, place: str) -> None:
    query = f"location_id={place}&type=URGENT&type=REORDER"
    found = simplejson.loads(kept_places.get(f"/recommendations?{query}").text, use_decimal=True)["items"]
    actions = {entry["item_id"]: entry["suggested_action"] for entry in found}
    ordered = {item: step["quantity"] for item, step in actions.items() if step["action"] == "order"}
    suggested = lines(kept_places, f"location_id={place}")
    assert ordered == {item: line["quantity"] for item, line in suggested.items()}
    moved = {item: step["quantity"] for item, step in actions.items() if step["action"] == "transfer"}
    assert moved == ({"enough": 37} if place == "DUBLIN" else {})
    for item, quantity in ordered.items():
        shown = kept_places.get(f"/products/{item}/metrics?location_id={place}").json()
        assert (shown["reorder_quantity"], shown["transfer_in"]) == (
            float(quantity),
            13.0 if (item, place) == ("short", "DUBLIN") else 0.0,
        )


def test_the_shares_of_all_locations_are_the_purchase(kept_places: TestClient) -> None:
    shares: dict[str, Decimal] = defaultdict(Decimal)
    cost = Decimal(0)
    for place in PLACES:
        for item, line in lines(kept_places, f"location_id={place}").items():
            shares[item] += line["quantity"]
            assert line["quantity"] == shared_out(line)[place]
        cost += suggestions(kept_places, f"location_id={place}")["totals"]["cost"]
    whole = lines(kept_places)
    assert shares == {item: line["quantity"] for item, line in whole.items() if item != "nowhere"}
    assert abs(cost - sum(whole[item]["total_price"] for item in shares)) <= Decimal("0.01") * len(PLACES)


def test_a_minimum_order_value_holds_for_all_locations_together(places: TestClient) -> None:
    acme = Supplier("acme", "Acme Ltd", minimum_order_value=Decimal("1600.00"))
    edit_catalog(places.tenant, lambda edit: edit.put("suppliers", supplier_record(acme, None)))
    (whole,) = suggestions(places)["groups"]
    (leeds,) = suggestions(places, "location_id=LEEDS")["groups"]
    assert (whole["total_cost"], whole["shortfall"]) == (1590, 10)
    assert (leeds["total_cost"], leeds["shortfall"], leeds["minimum_order_value"]) == (55.5, 10, 1600)
    assert leeds["fill_items"] == whole["fill_items"]
    assert [item["item_id"] for item in whole["fill_items"]] == ["enough"]


@pytest.mark.parametrize(("query", "expected"), [("top=1", 1), ("budget=10", 1), ("min_risk=0", 3), ("page_size=2", 2)])
def test_limits_and_filters_hold_at_a_location(kept_places: TestClient, query: str, expected: int) -> None:
    assert len(lines(kept_places, f"location_id=DUBLIN&{query}")) == expected


def test_what_a_location_has_a_share_of_is_ordered_for_all(places: TestClient) -> None:
    terms = Condition("branch", "acme", "Acme Ltd", 10, Decimal(2880), Decimal(1), Decimal("0.50"), is_primary=True)
    Conditions(places.tenant).put_many([terms])
    body = {"location_id": "DUBLIN", "items": [{"item_id": "branch"}, {"item_id": "single"}, {"item_id": "enough"}]}
    added = places.post("/order-planning/cart/add-suggestions", json=body).json()
    assert (added["added"], added["total_skipped"]) == (1, 2)
    reasons = {skipped["item_id"]: skipped["reason"] for skipped in added["skipped"]}
    assert reasons["single"] == "no product 'single' at location 'DUBLIN'"
    assert "nothing is due" in reasons["enough"]
    (group,) = places.get("/order-planning/cart").json()["groups"]
    assert [(line["item_id"], line["quantity"], line["error"]) for line in group["lines"]] == [("branch", 2880, None)]


def test_who_has_no_share_is_told_so(places: TestClient) -> None:
    body = {"location_id": "LONDON", "items": [{"item_id": "short"}]}
    added = places.post("/order-planning/cart/add-suggestions", json=body).json()
    assert added["skipped"] == [{"item_id": "short", "reason": "'LONDON' has no share of the 200.000 to order"}]


def test_a_transfer_changes_the_shares_in_the_next_request(places: TestClient) -> None:
    body = {"item_id": "short", "from_location_id": "LONDON", "to_location_id": "LEEDS", "quantity": 13}
    assert places.post("/inventory/transfers", json=body).status_code == 201
    line = lines(places)["short"]
    assert line["quantity"] == 200
    assert shared_out(line) == {"DUBLIN": 151, "LEEDS": 49}  # 74 of 98, and 24
    assert line["transfers"] == []


def test_a_location_costs_two_reads_too(kept_places: TestClient, meter: FirestoreMeter) -> None:
    suggestions(kept_places, "location_id=DUBLIN")
    meter.reset()
    suggestions(kept_places, "location_id=DUBLIN")
    assert meter.of(kept_places.client_id) == Billed(reads=2)
