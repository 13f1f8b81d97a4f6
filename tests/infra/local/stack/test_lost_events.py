from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from functions.purchase_orders.events import order_events, write_events
from infra.local.stack.lost_events import lost_events, remove_lost_events
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.client import Client
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import HistoryEntry, PurchaseOrder, Receipt, ReceiptLine
from tests.support.orders import order, put_order
from tests.support.sql import table_rows
from tests.support.tenants import TestClient

AT = dt.datetime(2124, 6, 3, 12, tzinfo=dt.UTC)  # after all that other tests have left
CLIENT = Client("c", "A client")


def with_receipts(number: int, receipts: int) -> PurchaseOrder:
    """A confirmed order that has that many receipts."""
    steps = [(None, OrderStatus.PENDING), (OrderStatus.PENDING, OrderStatus.CONFIRMED)]
    history = tuple(HistoryEntry(AT, "buyer", before, after) for before, after in steps)
    return replace(order(number, item_ids=("a", "b/1")), history=history, receipt_count=receipts)


def receipt(number: int) -> Receipt:
    return Receipt(f"r{number}", AT, "clerk", "LONDON", (ReceiptLine("a", Decimal(1)),), number=number)


def events(placed: PurchaseOrder) -> list[tuple[str, str]]:
    receipts = [receipt(number) for number in range(1, placed.receipt_count + 1)]
    return [(event["order_id"], event["event_id"]) for event in order_events(placed, receipts, CLIENT)]


def test_events_of_what_there_is_stay() -> None:
    assert lost_events(events(with_receipts(1, 12)), [with_receipts(1, 12)]) == []


def test_events_of_lost_orders_steps_and_receipts_are_lost() -> None:
    assert len(events(with_receipts(1, 2))) == 6
    assert len(lost_events(events(with_receipts(1, 2)), [with_receipts(2, 2)])) == 6
    assert lost_events(events(with_receipts(1, 2)), [with_receipts(1, 1)]) == ["order-1/r2/a"]
    pending = replace(with_receipts(1, 0), history=with_receipts(1, 0).history[:1])
    assert lost_events(events(with_receipts(1, 0)), [pending]) == ["order-1/h1/a", "order-1/h1/b/1"]


def test_bigquery_keeps_the_events_that_the_orders_know(client: TestClient) -> None:
    kept, lost = with_receipts(1, 1), with_receipts(2, 0)
    put_order(client, kept)
    rows = [*order_events(kept, [receipt(1), receipt(2)], replace(CLIENT, client_id=client.client_id))]
    rows += order_events(lost, [], replace(CLIENT, client_id=client.client_id))
    warehouse = Warehouse(config(), client.client_id)
    write_events(warehouse, rows)
    assert remove_lost_events(config(), AT + dt.timedelta(seconds=1)) == 0
    assert remove_lost_events(config(), AT) == 5
    sql = (
        "SELECT event_id FROM inventory.purchase_order_events "
        "WHERE client_id = @client_id AND date > '1990-01-01' ORDER BY event_id"
    )
    assert [row["event_id"] for row in table_rows(warehouse, sql)] == sorted(event for _, event in events(kept))
