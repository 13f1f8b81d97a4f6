"""Lists, filters, counts and advice agree over every product of large made-up shops."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from shared.catalog.open_orders import with_open_lines
from shared.domain.access.principal import Role
from shared.domain.settings import RecommendationRules, Settings, ThresholdFilters
from tests.benchmarks import synthetic
from tests.support.catalogs import publish
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
ITEMS = 900
_EAGER = RecommendationRules(
    threshold_filters=ThresholdFilters(urgent_min_risk=0.35, promote_min_dir_days=5, reduce_order_min_dir_days=20)
)
SHOPS = {
    "defaults": Settings(),
    "30 days": Settings(replenishment_policy="forecast_30d", safety_buffer_days=30, dead_stock_days=30),
    "low thresholds": Settings(recommendation_rules=_EAGER, overstocked_threshold=60, understocked_threshold=40),
}


@pytest.fixture(scope="module", params=SHOPS)
def shop(request: pytest.FixtureRequest, running: Running) -> TestClient:
    """Every third item has an order on its way, of which some are late and some are far off; changed by no test."""
    client = TestClient(running.base_url).create()
    random = np.random.default_rng(7)
    rows = synthetic.catalog_rows(ITEMS)
    lines = {
        item_id: [
            {
                "order_id": "1",
                "po_number": "PO-2024-000001",
                "location_id": "LONDON",
                "outstanding": Decimal(int(random.integers(1, 400))),
                "expected_delivery_date": TODAY + np.timedelta64(int(random.integers(-5, 60)), "D").item(),
            }
        ]
        for item_id in synthetic.item_ids(ITEMS)[::3]
    }
    rows = with_open_lines(rows, lines)
    publish(client.tenant, rows, synthetic.demand_profiles(rows), settings=SHOPS[request.param])
    return client


def every(client: TestClient, path: str, role: Role | None = None) -> Iterator[Row]:
    """The items of all pages."""
    number = total = 0
    while number == 0 or (number * 200) < total:
        number += 1
        page = client.get(f"{path}{'&' if '?' in path else '?'}page_size=200&page={number}", role=role).json()
        total = page["total"]
        yield from page["items"]


def ids(client: TestClient, path: str, role: Role | None = None) -> set[str]:
    return {row["item_id"] for row in every(client, path, role)}


def suggested(client: TestClient) -> set[str]:
    """The items of all suggestions."""
    found: set[str] = set()
    page: Row = {}
    while len(found) < page.get("total", 1):
        number = page.get("page", 0) + 1
        page = client.get(f"/order-planning/suggestions?page_size=200&page={number}").json()
        found.update(line["item_id"] for group in page["groups"] for line in group["lines"])
    return found


def test_no_product_is_told_two_things(shop: TestClient) -> None:
    products = {row["item_id"]: row for row in every(shop, "/products")}
    assert len(products) == ITEMS
    urgent = shop.get("/settings").json()["recommendation_rules"]["threshold_filters"]["urgent_min_risk"]
    ordered = suggested(shop)
    dead = {item for item, row in products.items() if row["status"] == "dead_stock"}
    told: dict[str, set[str]] = {}
    for role in Role:
        advice = [(one["item_id"], one["type"]) for one in every(shop, "/recommendations", role)]
        assert len({item for item, _ in advice}) == len(advice), f"{role} is told two things of a product"
        for item, kind in advice:
            told.setdefault(kind, set()).add(item)
    assert min(len(told[kind]) for kind in told) > 0 < len(ordered)
    assert len(told) == 5
    assert not dead & ordered, "to be cleared and ordered"
    assert not told["PROMOTE"] & ordered, "to be promoted and ordered"
    assert not told["REDUCE_ORDER"] & ordered, "to be ordered and ordered less"
    assert not told["URGENT"] & (told["PROMOTE"] | told["REDUCE_ORDER"] | dead)
    assert told["DEAD_STOCK"] == dead
    for row in products.values():
        assert row["status"] in ("understocked", "dead_stock") or row["stockout_risk"] <= urgent, row
        assert row["lifecycle"] != "dead" or row["item_id"] not in ordered


@pytest.mark.parametrize("place", ["", *synthetic.LOCATIONS])
def test_every_count_is_that_of_its_list(shop: TestClient, place: str) -> None:
    at = f"location_id={place}" if place else ""
    board = shop.get(f"/dashboard?{at}").json()
    figures = board["metrics"]
    for status in ("understocked", "overstocked", "dead_stock"):
        assert figures[f"{status}_count"] == shop.get(f"/products?status={status}&{at}").json()["total"]
    assert {alert["code"] for alert in board["alerts"]} > {"stockout_imminent", "out_of_stock", "dead_stock"}
    counts = {alert["code"]: alert["count"] for alert in board["alerts"]}
    for alert in board["alerts"]:
        assert shop.get(alert["link"]).json()["total"] == alert["count"], alert
    for role in (Role.ADMIN, Role.PROCUREMENT, Role.CEO, Role.MARKETING, Role.VIEWER):
        page = shop.get(f"/recommendations?{at}", role=role).json()
        assert sum(page["counts"].values()) == page["total"]
        assert page["counts"].get("URGENT", counts["stockout_imminent"]) == counts["stockout_imminent"]
        assert page["counts"]["DEAD_STOCK"] == counts["dead_stock"] == figures["dead_stock_count"]
        for kind, count in page["counts"].items():
            assert shop.get(f"/recommendations?type={kind}&{at}", role=role).json()["total"] == count
    assert ids(shop, f"/products?dead_stock=true&{at}") == ids(shop, f"/recommendations?type=DEAD_STOCK&{at}")
    assert ids(shop, f"/products?alert=stockout_imminent&{at}") == ids(shop, f"/recommendations?type=URGENT&{at}")


def test_what_is_to_be_ordered_is_what_is_suggested(shop: TestClient) -> None:
    orders = every(shop, "/recommendations?type=URGENT,REORDER", Role.PROCUREMENT)
    assert {one["item_id"] for one in orders if one["suggested_action"]["action"] == "order"} == suggested(shop)


def test_what_lasts_longest_is_not_dead(shop: TestClient) -> None:
    board = shop.get("/dashboard").json()
    for name in ("top_understocked", "top_overstocked"):
        assert len(board[name]) == 5
        assert {row["status"] for row in board[name]} == {name.removeprefix("top_")}


def test_the_marketing_filters_ask_what_promotions_ask(running: Running) -> None:
    """What lasts beyond the limit of one setting does beyond that of the other, if they are the same."""
    client = TestClient(running.base_url).create()
    rows = synthetic.catalog_rows(ITEMS)
    publish(client.tenant, rows, synthetic.demand_profiles(rows))
    longer = ids(client, "/products?marketing_threshold=above&dead_stock=false")
    promoted = ids(client, "/recommendations?type=PROMOTE", Role.MARKETING)
    assert promoted
    assert promoted <= longer
    assert not longer & ids(client, "/products?marketing_threshold=below")
    assert not pl.Series(sorted(promoted)).is_in(sorted(ids(client, "/products?status=understocked"))).any()
