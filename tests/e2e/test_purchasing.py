"""A buyer's morning on the real demo data, over HTTP against the running stack: from suggestions to received goods."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from tests.e2e.conftest import Running

pytestmark = pytest.mark.integration

_CHOSEN_GROUPS = 3
_LINES_EACH = 4


@pytest.mark.stack
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


@pytest.mark.stack
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
