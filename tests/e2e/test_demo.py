"""The demo is a shop that has been run for a year, its screens agree, and a buyer can work in it.

Over HTTP, against the running stack; one module, as the demo loads for a minute or two.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.running_demo import Running, running_demo

pytestmark = [pytest.mark.integration, pytest.mark.stack]

TODAY = dt.date(2011, 10, 13)
Row = dict[str, Any]
_CHOSEN_GROUPS = 3
_LINES_EACH = 4


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


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


def test_from_suggestions_to_received_goods(demo: Running) -> None:
    of_supplier = f"/order-planning/suggestions?page_size={_LINES_EACH}&supplier_id="
    suppliers = [supplier["supplier_id"] for supplier in demo.get("/suppliers")["items"]]
    groups = [group for supplier in suppliers for group in demo.get(of_supplier + supplier)["groups"]][:_CHOSEN_GROUPS]
    chosen = [line for group in groups for line in group["lines"]]
    assert len(chosen) > 2 * _CHOSEN_GROUPS
    before = {line["item_id"]: demo.row(line["item_id"]) for line in chosen}
    for line in chosen:
        row = before[line["item_id"]]
        assert all(line[name] == row[name] for name in ("stockout_risk", "dir", "inventory_position", "on_order"))

    body = {"items": [{"item_id": line["item_id"]} for line in chosen]}
    added = demo.send("POST", "/order-planning/cart/add-suggestions", body)
    assert (added["added"], added["skipped"]) == (len(chosen), [])
    assert demo.send("POST", "/order-planning/cart/add-suggestions", body)["added"] == 0
    cart = demo.get("/order-planning/cart")
    in_cart = {line["item_id"]: line["quantity"] for group in cart["groups"] for line in group["lines"]}
    assert in_cart == {line["item_id"]: line["quantity"] for line in chosen}

    key = {"Idempotency-Key": "this morning"}
    orders = demo.send("POST", "/purchase-orders/from-cart", {}, headers=key)["orders"]
    assert demo.send("POST", "/purchase-orders/from-cart", {}, headers=key)["orders"] == orders
    assert {one["supplier_id"] for one in orders} == {group["supplier_id"] for group in groups}
    assert sum(one["total_amount"] for one in orders) == cart["totals"]["cost"]
    assert demo.get("/order-planning/cart")["groups"] == []
    for line in chosen:
        row = demo.row(line["item_id"])
        assert row["on_order"] == before[line["item_id"]]["on_order"] + line["quantity"]
    again = [group for supplier in suppliers for group in demo.get(of_supplier + supplier)["groups"]]
    assert not set(in_cart) & {line["item_id"] for group in again for line in group["lines"]}

    order = orders[0]
    path = f"/purchase-orders/{order['id']}"
    pdf = demo.call("GET", f"{path}/document?format=pdf")
    assert pdf.content.startswith(b"%PDF-")
    lines = list(csv.DictReader(io.StringIO(demo.call("GET", f"{path}/document?format=csv").text)))
    assert [line["item_id"] for line in lines] == [line["item_id"] for line in order["items"]]
    for status in ("confirmed", "shipped"):
        assert demo.send("PUT", f"{path}/status", {"status": status})["status"] == status

    first, rest = order["items"][0], order["items"][1:]
    part = {"lines": [{"item_id": first["item_id"], "quantity": 1}], "location_id": "LONDON"}
    received = demo.send("POST", f"{path}/receipts", part, headers={"Idempotency-Key": "one box"})
    assert demo.send("POST", f"{path}/receipts", part, headers={"Idempotency-Key": "one box"}) == received
    assert demo.get(path)["status"] == "partially_received"
    row = demo.row(first["item_id"])
    assert row["current_stock"] == before[first["item_id"]]["current_stock"] + 1
    assert row["inventory_position"] == before[first["item_id"]]["inventory_position"] + first["quantity"]

    remaining = [{"item_id": first["item_id"], "quantity": first["quantity"] - 1}] if first["quantity"] > 1 else []
    remaining += [{"item_id": line["item_id"], "quantity": line["quantity"]} for line in rest]
    all_that_remains = {
        "lines": [line | {"quantity": float(line["quantity"])} for line in remaining],
        "location_id": "LONDON",
    }
    demo.send("POST", f"{path}/receipts", all_that_remains)
    done = demo.get(path)
    assert (done["status"], len(done["receipts"])) == ("received", 2)
    for line in order["items"]:
        row, old = demo.row(line["item_id"]), before[line["item_id"]]
        assert row["current_stock"] == old["current_stock"] + line["quantity"]
        assert row["on_order"] == old["on_order"]
    log = demo.get("/audit", role="ADMIN", params={"subject": "purchase_order", "subject_id": order["id"]})
    assert len(log["items"]) == 5


def test_every_view_shows_the_same_figures(demo: Running) -> None:
    exported = demo.call("GET", "/products/export?format=csv&status=understocked").text
    rows = {row["item_id"]: row for row in csv.DictReader(io.StringIO(exported))}
    listed = demo.get("/products", params={"status": "understocked", "page_size": 200})
    assert len(rows) == listed["total"] > 100
    urgent = demo.get("/recommendations", params={"type": "URGENT", "page_size": 200})["items"]
    assert urgent
    for row in listed["items"]:
        assert Decimal(rows[row["item_id"]]["stockout_risk"]) == row["stockout_risk"]
        assert Decimal(rows[row["item_id"]]["current_stock"]) == row["current_stock"]
    for one in urgent:
        if one["item_id"] in rows:
            assert Decimal(rows[one["item_id"]]["stockout_risk"]) > Decimal("0.7")


def test_the_chat_says_what_the_dashboard_says(demo: Running) -> None:
    figures = demo.get("/dashboard")["metrics"]
    answer = demo.call("POST", "/chat", json={"question": "How much cash is tied up in dead stock?"}).json()
    assert answer["calls"]
    assert {call["status"] for call in answer["calls"]} == {200}
    assert f"{figures['dead_stock_value']:,.2f}" in answer["answer"]
