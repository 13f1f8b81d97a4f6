"""Suggestions into the cart: all or chosen ones, in one go, and none twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

PATH = "/order-planning/cart/add-suggestions"


def add(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post(PATH, json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def lines(client: TestClient) -> dict[tuple[str, str], float]:
    groups = client.get("/order-planning/cart").json()["groups"]
    return {(line["item_id"], line["supplier_id"]): line["quantity"] for group in groups for line in group["lines"]}


EVERYTHING = {("A/1", "acme"): 96, ("uplifted", "acme"): 52, ("quick", "fast"): 35}
NO_SUPPLIER = {"item_id": "orphan", "reason": "no supplier is linked to it"}


def test_all_at_once_and_again_without_effect(shop: TestClient) -> None:
    assert add(shop) == {"added": 3, "already_in_cart": 0, "skipped": [NO_SUPPLIER], "total_skipped": 1, "budget": None}
    assert lines(shop) == EVERYTHING
    assert add(shop) == {"added": 0, "already_in_cart": 3, "skipped": [NO_SUPPLIER], "total_skipped": 1, "budget": None}
    assert lines(shop) == EVERYTHING


def test_what_they_cost_is_what_the_suggestions_said(shop: TestClient) -> None:
    suggested = shop.get("/order-planning/suggestions").json()["totals"]["cost"]
    add(shop)
    assert shop.get("/order-planning/cart").json()["totals"]["cost"] == suggested == 289.5


def test_what_is_in_the_cart_is_left_alone_from_whichever_supplier(shop: TestClient) -> None:
    shop.post("/order-planning/cart/add", json={"item_id": "A/1", "supplier_id": "fast", "quantity": 10})
    assert add(shop)["already_in_cart"] == 1
    assert lines(shop) == {("A/1", "fast"): 10, ("uplifted", "acme"): 52, ("quick", "fast"): 35}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"supplier_id": "fast"}, {("quick", "fast"): 35}),
        ({"location_id": "DUBLIN"}, {("A/1", "acme"): 96}),  # of which 56 are for Dublin
        ({"min_risk": 0, "supplier_id": "acme"}, {("A/1", "acme"): 96, ("uplifted", "acme"): 52}),
    ],
)
def test_filters_narrow_as_in_the_list(
    shop: TestClient, body: dict[str, Any], expected: dict[tuple[str, str], float]
) -> None:
    add(shop, **body)
    assert expected.items() <= lines(shop).items()
    listed = shop.get("/order-planning/suggestions", params=body).json()
    assert set(lines(shop)) == {
        (line["item_id"], group["supplier_id"]) for group in listed["groups"] for line in group["lines"]
    }


def test_chosen_ones_and_why_the_others_are_not_suggested(shop: TestClient) -> None:
    chosen = ["A/1", "plenty", "next", "nothing", "orphan", "A/1", "quick"]
    found = add(shop, items=[{"item_id": item} for item in chosen])
    assert (found["added"], found["already_in_cart"]) == (2, 0)
    assert lines(shop) == {("A/1", "acme"): 96, ("quick", "fast"): 35}
    reasons = {one["item_id"]: one["reason"] for one in found["skipped"]}
    assert list(reasons) == ["plenty", "next", "nothing", "orphan"]
    assert "nothing is due: the inventory position is 400.000, the order-up-to level 46.250" in reasons["plenty"]
    assert "nothing is due: the inventory position is 30.000, the order-up-to level 37.000" in reasons["next"]
    assert reasons["nothing"] == "no product 'nothing'"
    assert reasons["orphan"] == NO_SUPPLIER["reason"]


@pytest.mark.parametrize(
    ("item_id", "body", "reason"),
    [
        ("quick", {"supplier_id": "acme"}, "it is ordered from supplier 'fast', not from 'acme'"),
        ("quick", {"location_id": "DUBLIN"}, "no product 'quick' at location 'DUBLIN'"),
        ("next", {}, "nothing is due: the inventory position is 30.000, the order-up-to level 37.000"),
    ],
)
def test_a_chosen_item_outside_the_filter_says_so(
    kept_shop: TestClient, item_id: str, body: dict[str, Any], reason: str
) -> None:
    found = add(kept_shop, items=[{"item_id": item_id}], **body)
    assert found["added"] == 0
    assert reason in found["skipped"][0]["reason"]
    assert lines(kept_shop) == {}


def test_chosen_ones_in_quantities_of_ones_own(shop: TestClient) -> None:
    found = add(
        shop, items=[{"item_id": "A/1", "quantity": 120}, {"item_id": "quick"}, {"item_id": "orphan", "quantity": 1}]
    )
    assert (found["added"], found["skipped"]) == (2, [NO_SUPPLIER])
    assert lines(shop) == {("A/1", "acme"): 120, ("quick", "fast"): 35}


def test_every_quantity_that_nobody_sells_is_refused_and_nothing_added(shop: TestClient) -> None:
    body = {
        "items": [
            {"item_id": "quick", "quantity": 35},
            {"item_id": "uplifted", "quantity": 49},
            {"item_id": "A/1", "quantity": 97},
        ]
    }
    problem = assert_problem(shop.post(PATH, json=body), 422, "invalid_lines")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/items/2/quantity", "not_a_pack_multiple"),
        ("/items/1/quantity", "below_moq"),
    ]
    assert lines(shop) == {}


def test_a_quantity_of_an_item_that_is_named_again_is_refused(shop: TestClient) -> None:
    body = {
        "items": [{"item_id": "quick"}, {"item_id": "A/1", "quantity": 96}, {"item_id": "A/1"}, {"item_id": "quick"}]
    }
    problem = assert_problem(shop.post(PATH, json=body), 422, "duplicate_item")
    assert [error["pointer"] for error in problem["errors"]] == ["/items/2/item_id"]


def test_a_budget_pays_for_the_quantities_that_are_asked_for(shop: TestClient) -> None:
    chosen = [{"item_id": "uplifted", "quantity": 60}, {"item_id": "quick"}]
    found = add(shop, items=chosen, budget=119)
    assert found["budget"]["spent"] == 17.5
    assert found["skipped"] == [
        {"item_id": "uplifted", "reason": "it costs 120.00, which the budget of 119.00 does not pay for"}
    ]
    assert add(shop, items=chosen[:1], budget=120)["budget"]["spent"] == 120


def test_a_repeated_request_gets_the_first_answer(shop: TestClient) -> None:
    key = {"Idempotency-Key": "all of them"}
    first, second = (shop.post(PATH, json={}, headers=key) for _ in range(2))
    assert (
        first.json()
        == second.json()
        == {"added": 3, "already_in_cart": 0, "skipped": [NO_SUPPLIER], "total_skipped": 1, "budget": None}
    )
    assert_problem(shop.post(PATH, json={"min_risk": 1}, headers=key), 422, "idempotency_key_reused")


def test_two_tabs_that_add_all_at_once_add_each_once(shop: TestClient) -> None:
    with ThreadPoolExecutor(max_workers=6) as tabs:
        answers = list(tabs.map(lambda _: add(shop), range(6)))
    assert sorted(answer["added"] for answer in answers) == [0, 0, 0, 0, 0, 3]
    assert lines(shop) == EVERYTHING


def test_no_items_at_all_are_refused(kept_shop: TestClient) -> None:
    problem = assert_problem(kept_shop.post(PATH, json={"items": []}), 422, "invalid_input")
    assert "/items" in problem["detail"]


# Limits, and by recommendation


def test_the_first_ones_are_added_as_the_list_has_them(shop: TestClient) -> None:
    listed = shop.get("/order-planning/suggestions", params={"top": 2}).json()
    assert add(shop, top=2) == {"added": 2, "already_in_cart": 0, "skipped": [], "total_skipped": 0, "budget": None}
    assert {item for item, _ in lines(shop)} == {
        line["item_id"] for group in listed["groups"] for line in group["lines"]
    }


def test_what_a_budget_buys_is_added_and_the_rest_is_told(shop: TestClient) -> None:
    listed = shop.get("/order-planning/suggestions", params={"budget": 130}).json()
    found = add(shop, budget=130)
    assert found["budget"] == listed["budget"]
    assert lines(shop) == {("uplifted", "acme"): 52, ("quick", "fast"): 35}
    assert shop.get("/order-planning/cart").json()["totals"]["cost"] == found["budget"]["spent"] == 121.5
    assert found["skipped"] == [
        {"item_id": "A/1", "reason": "it costs 168.00, which the budget of 130.00 does not pay for"},
        NO_SUPPLIER,
    ]
    again = add(shop, budget=130)
    assert (again["added"], again["already_in_cart"]) == (0, 2)


def test_limits_of_chosen_items(shop: TestClient) -> None:
    chosen = [{"item_id": item} for item in ("quick", "uplifted", "next")]
    found = add(shop, items=chosen, top=1)
    (item,) = (item for item, _ in lines(shop))
    (other,) = {"quick", "uplifted"} - {item}
    reasons = {skipped["item_id"]: skipped["reason"] for skipped in found["skipped"]}
    assert reasons[other] == "it is not among the first 1"
    assert "nothing is due" in reasons["next"]
    assert found["total_skipped"] == 2


def test_recommendations_are_put_into_the_cart_by_their_ids(shop: TestClient) -> None:
    urgent = shop.get("/recommendations", params={"type": "URGENT"}).json()["items"]
    ids = [recommendation["id"] for recommendation in urgent]
    assert "URGENT:A~2F1" in ids
    found = add(shop, recommendations=ids)
    assert found["added"] + found["total_skipped"] == len(ids)
    assert found["skipped"] == [NO_SUPPLIER] * (found["total_skipped"] > 0)
    assert lines(shop).items() <= EVERYTHING.items()
    assert ("A/1", "acme") in lines(shop)


def test_recommendations_and_items_together_and_each_once(shop: TestClient) -> None:
    ids = ["REORDER:quick", "URGENT:quick", "URGENT:A~2F1@DUBLIN", "REORDER:nothing"]
    found = add(shop, items=[{"item_id": "uplifted"}, {"item_id": "quick"}], recommendations=ids)
    assert (found["added"], lines(shop)) == (3, EVERYTHING)
    assert found["skipped"] == [{"item_id": "nothing", "reason": "no product 'nothing'"}]


@pytest.mark.parametrize(
    ("ids", "code", "named"),
    [
        (["DEAD_STOCK:quick"], "recommends_no_order", "URGENT and REORDER can be put into the cart"),
        (["PROMOTE:quick", "REDUCE_ORDER:quick"], "recommends_no_order", "'REDUCE_ORDER:quick' orders nothing"),
        (["quick"], "recommendation_not_found", "'quick' is no recommendation's id"),
        (
            ["URGENT:quick", "SOMETHING:quick"],
            "recommendation_not_found",
            "'SOMETHING:quick' is no recommendation's id",
        ),
        ([], "invalid_input", "/recommendations"),
        ([""], "invalid_input", "/recommendations/0"),
    ],
)
def test_what_is_no_recommendation_to_order_is_refused(
    kept_shop: TestClient, ids: list[str], code: str, named: str
) -> None:
    problem = assert_problem(kept_shop.post(PATH, json={"recommendations": ids}), 422, code)
    assert named in problem["detail"]
    assert problem["errors"][-1]["pointer"].startswith("/recommendations")
    assert lines(kept_shop) == {}


@pytest.mark.parametrize("body", [{"top": 0}, {"budget": -1}, {"budget": 0.001}, {"budget": "much"}])
def test_limits_that_are_none_are_refused(kept_shop: TestClient, body: dict[str, Any]) -> None:
    (name,) = body
    assert f"/{name}" in assert_problem(kept_shop.post(PATH, json=body), 422, "invalid_input")["detail"]


def test_a_budget_of_nothing_adds_nothing(shop: TestClient) -> None:
    found = add(shop, budget=0)
    assert (found["added"], found["total_skipped"], found["budget"]["left_out_lines"]) == (0, 4, 4)
    assert lines(shop) == {}
