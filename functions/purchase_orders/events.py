"""Events of orders as rows of purchase_order_events, from which supplier performance is computed.

A status change is one row; of `created` and `confirmed` there is one for each item, with the ordered quantity and the
date promised for it. Each received item of a receipt is a `receipt` row. An order's history and receipts only grow, so
an event keeps its id and its content, and writing it again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypedDict

import polars as pl

from shared.bigquery.tables import ORDER_EVENTS
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder, Receipt
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.tenant import Tenant

RECEIPT = "receipt"
_EVENTS = {OrderStatus.PENDING: "created"}  # the others are called what the order became
_PER_ITEM = (OrderStatus.PENDING, OrderStatus.CONFIRMED)
_TYPES = {
    "STRING": pl.String(),
    "NUMERIC": pl.Decimal(38, 9),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us", "UTC"),
}
# An event's date depends on the client's timezone: one written before that changed is found a day or so away.
_DATE_MARGIN = dt.timedelta(days=2)


class OrderEvent(TypedDict, total=False):
    """A row of purchase_order_events, or some columns of one. `date` and `promised_date` are the client's days."""

    client_id: str
    date: dt.date
    supplier_id: str
    order_id: str
    event_id: str
    event: str
    occurred_at: dt.datetime
    item_id: str
    location_id: str | None
    quantity: Decimal
    unit_cost: Decimal
    promised_date: dt.date | None


def export_order_events(
    config: Config,
    tenant: Tenant,
    order_ids: Iterable[str],
    receipt_ids: Sequence[str] = (),
    removed_item_ids: Sequence[str] = (),
) -> int:
    """Write the history of these orders, and these receipts of theirs; returns how many rows that changed.

    Ids of no order are passed over. Each receipt comes with the task of its own transaction: there is no end to them.

    Safe to run twice, at once, and to be killed anywhere: what counts is one MERGE at the end.
    """
    client = Clients(database(config)).get(tenant.client_id)
    orders = PurchaseOrders(tenant).get_many(dict.fromkeys(order_ids))
    stores = Receipts(tenant)
    rows = [row for order in orders for row in order_events(order, stores.get_many(order.id, receipt_ids), client)]
    rows += [row for order in orders for row in removal_events(order, removed_item_ids, client)]
    if not rows:
        return 0
    return write_events(Warehouse(config, tenant.client_id), rows)


def write_events(warehouse: Warehouse, rows: Sequence[OrderEvent]) -> int:
    """Write these rows, at least one, in a MERGE; returns how many that changed."""
    frame = pl.DataFrame(rows, schema={column.name: _TYPES[column.type] for column in ORDER_EVENTS.columns})
    file = io.BytesIO()
    frame.write_parquet(file)
    dates = frame["date"].to_list()
    # A table for this run alone: another run of the same task may be about to drop its own.
    staging = warehouse.stage(ORDER_EVENTS, file, f"order-events-{uuid.uuid4().hex}")
    try:
        return warehouse.merge(ORDER_EVENTS, staging, min(dates) - _DATE_MARGIN, max(dates) + _DATE_MARGIN)
    finally:
        warehouse.drop(staging)


def order_events(order: PurchaseOrder, receipts: Iterable[Receipt], client: Client) -> Iterator[OrderEvent]:
    """The rows of an order's history and of these of its receipts."""
    lines = {line.item_id: line for line in order.lines}
    promised: dt.date | None = None
    for number, entry in enumerate(order.history):
        promised = entry.expected_delivery_date or promised
        event = _EVENTS.get(entry.to_status, entry.to_status.value)
        row = _event(order, client, f"h{number}", event, entry.at) | {"location_id": order.location_id}
        if entry.to_status in _PER_ITEM:
            for line in order.lines:
                yield row | _of_line(row, line) | {"quantity": line.quantity, "promised_date": promised}
        else:
            yield row
    for receipt in receipts:
        row = _event(order, client, f"r{receipt.number}", RECEIPT, receipt.at) | {"location_id": receipt.location_id}
        for received in receipt.lines:
            of_line = _of_line(row, lines[received.item_id])
            yield row | of_line | {"quantity": received.quantity, "promised_date": promised}


def removal_events(order: PurchaseOrder, item_ids: Iterable[str], client: Client) -> Iterator[OrderEvent]:
    """The rows of items that were taken from the order while it was pending: nothing of them was ordered."""
    row = _event(order, client, "h0", "created", order.history[0].at)
    items = {line.item_id for line in order.lines}
    for item_id in item_ids:
        if item_id not in items:
            yield row | {
                "event_id": f"{row['event_id']}/{item_id}",
                "item_id": item_id,
                "quantity": Decimal(0),
                "location_id": order.location_id,
            }


def _event(order: PurchaseOrder, client: Client, number: str, event: str, at: dt.datetime) -> OrderEvent:
    return {
        "client_id": client.client_id,
        "date": client.today(at),
        "supplier_id": order.supplier_id,
        "order_id": order.id,
        "event_id": f"{order.id}/{number}",
        "event": event,
        "occurred_at": at,
    }


def _of_line(event: OrderEvent, line: OrderLine) -> OrderEvent:
    return {"event_id": f"{event['event_id']}/{line.item_id}", "item_id": line.item_id, "unit_cost": line.unit_cost}
