"""The demo is a shop that has been run for a year, and no two screens of it contradict each other."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.conftest import Running

pytestmark = [pytest.mark.integration, pytest.mark.stack]

TODAY = dt.date(2011, 10, 13)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def products(demo: Running) -> dict[str, Row]:
    return {row["item_id"]: row for row in demo.every("/products")}


@pytest.fixture(scope="module")
def suggested(demo: Running) -> dict[str, Row]:
    """Every suggested line, by its item."""
    lines: dict[str, Row] = {}
    total = number = 0
    while number == 0 or number * 200 < total:
        number += 1
        page = demo.get(f"/order-planning/suggestions?page_size=200&page={number}")
        total = page["total"]
        lines |= {line["item_id"]: line for group in page["groups"] for line in group["lines"]}
    assert len(lines) == total
    return lines


@pytest.fixture(scope="module")
def open_orders(demo: Running) -> list[Row]:
    path = "/purchase-orders?page_size=200"
    found: list[Row] = []
    for status in ("pending", "confirmed", "shipped", "partially_received"):
        found += demo.get(f"{path}&status={status}")["items"]
    return [demo.get(f"/purchase-orders/{order['id']}") for order in found]


def test_no_product_is_told_two_things(
    demo: Running, products: dict[str, Row], suggested: dict[str, Row], open_orders: list[Row]
) -> None:
    """Counts the products of which two screens say what cannot both be."""
    advice: dict[str, set[str]] = {}
    for role in ("CEO", "PROCUREMENT", "MARKETING"):
        for one in demo.every("/recommendations", role):
            advice.setdefault(one["item_id"], set()).add(one["type"])
    outstanding: Counter[str] = Counter()
    for order in open_orders:
        for line in order["items"]:
            outstanding[line["item_id"]] += line["quantity"] - line["received"]
    places: Counter[str] = Counter()
    for location in ("LONDON", "DUBLIN", "ROTTERDAM"):
        for row in demo.every(f"/inventory/stock-levels?location_id={location}"):
            places[row["item_id"]] += row["current_stock"]
    wrong: dict[str, list[str]] = {}
    for item_id, row in products.items():
        is_dead, types = row["status"] == "dead_stock", advice.get(item_id, set())
        contradictions = {
            "to clear and to order": is_dead and item_id in suggested,
            "to buy and to be rid of": bool(types & {"URGENT", "REORDER"} and types & {"DEAD_STOCK", "REDUCE_ORDER"}),
            "dead, and no advice says so": is_dead != ("DEAD_STOCK" in types),
            "normal at risk": row["status"] == "normal" and row["stockout_risk"] > Decimal("0.7"),
            "urgent, not understocked": "URGENT" in types and row["status"] != "understocked",
            "promoted and reordered": "PROMOTE" in types and item_id in suggested,
            "on order, of no order": row["on_order"] != outstanding[item_id],
            "more in places than in all": row["current_stock"] != places[item_id],
        }
        for name in (name for name, holds in contradictions.items() if holds):
            wrong.setdefault(name, []).append(item_id)
    assert wrong == {}


def test_the_morning_is_a_morning(products: dict[str, Row], suggested: dict[str, Row]) -> None:
    today = [line for line in suggested.values() if line["order_by_date"] == TODAY.isoformat()]
    assert 0.04 < len(today) / len(products) < 0.09
    assert len(today) < len(suggested) / 2
    share = {status: count / len(products) for status, count in Counter(r["status"] for r in products.values()).items()}
    assert share["normal"] > max(share["understocked"], share["overstocked"], share["dead_stock"])
    assert 0.06 < share["understocked"] < 0.16
    assert 0.06 < share["dead_stock"] < 0.16


def test_orders_are_of_a_year_in_every_status_and_some_are_late(demo: Running, open_orders: list[Row]) -> None:
    for status in ("pending", "confirmed", "shipped", "partially_received", "received", "closed", "cancelled"):
        assert demo.get(f"/purchase-orders?status={status}&page_size=1")["items"], status
    assert any(order["expected_delivery_date"] < TODAY.isoformat() for order in open_orders)
    assert all(order["order_date"] < TODAY.isoformat() for order in open_orders)


def test_suppliers_differ_in_what_they_keep(demo: Running) -> None:
    rows = demo.get("/analytics/supplier-performance?from_date=2010-10-14")["items"]

    assert len(rows) == 8
    assert all(0.3 < row["otif"] < 1 and row["lead_times"] > 100 for row in rows)
    assert max(row["otif"] for row in rows) - min(row["otif"] for row in rows) > Decimal("0.15")


def test_trends_and_accuracy_reach_back(demo: Running) -> None:
    dashboard = demo.get("/dashboard")["metrics"]
    weeks = demo.get("/analytics/inventory-trends?from_date=2010-10-14&interval=week")["items"]
    assert len(weeks) == 53
    assert weeks[-1]["inventory_value"] == dashboard["total_inventory_value"]
    lags = demo.get("/analytics/forecast-accuracy?group_by=lag")["items"]
    assert {row["group"] for row in lags} == {"1", "7", "14", "28"}
    assert all(row["wape"] is not None and row["units"] > 0 for row in lags)


def test_campaigns_sold_what_they_advertise(demo: Running) -> None:
    campaigns = demo.get("/campaigns?page_size=50", role="MARKETING")["items"]
    assert Counter(campaign["status"] for campaign in campaigns) == {"ended": 4, "running": 1, "planned": 1}
    for campaign in campaigns:
        performance = demo.get(f"/campaigns/{campaign['campaign_id']}/performance", role="MARKETING")
        assert performance["product_count"] >= 8
        if campaign["status"] != "planned":
            assert performance["during"]["units"] > 0
