"""The evening: what the API and the stores say, and the books that are made of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.purchase_orders.events import order_events
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.outbox import waiting_entries
from shared.firestore.products import StockLevels
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.tenant import Tenant
from tests.game_day.books import (
    Import,
    Movement,
    Order,
    Page,
    Place,
    all_ended,
    equal,
    imports_balance,
    no_update_lost,
    none_left,
    numbers_have_no_gap,
    on_order_is_open_lines,
    sales_are_those_of_the_files,
    stock_is_its_movements,
)
from tests.game_day.caller import Caller, Traffic
from tests.game_day.day import Ledger
from tests.game_day.shop import CLIENT, ENDED, ITEMS, TRADED
from tests.support.sql import table_rows

if TYPE_CHECKING:
    from google.cloud.firestore import Client

# An execution of the job that dies with the cloud servers, or three tasks that were killed, is a failure that is told.
_MAY_FAIL = ("forecast", "etl_run")
_EVENTS = (
    "SELECT event_id, quantity FROM inventory.purchase_order_events WHERE client_id = @client_id AND date >= @first"
)
_SALES = (
    "SELECT date_local, SUM(units_sold) AS units FROM inventory.ts_demand_daily "
    "WHERE client_id = @client_id AND date_local < @until GROUP BY date_local"
)
Quantity = Decimal | None


def running_operations(caller: Caller) -> list[str]:
    """The operations that have not ended."""
    return [f"{each['kind']} {each['id']}" for each in caller.all_of("/operations") if each["status"] not in ENDED]


def stock_in_lists(caller: Caller) -> dict[Place, Decimal]:
    rows = caller.all_of("/inventory/stock-levels")
    return {(row["item_id"], row["location_id"]): _units(row["current_stock"]) for row in rows}


@dataclass(frozen=True)
class Evening:
    """What is known when the day is over: who asks, what he was told, and what the day began with."""

    config: Config
    caller: Caller
    ledger: Ledger
    opening: Mapping[Place, Decimal]
    traffic: Traffic
    tasks: Path  # where the queues keep their tasks
    crashed: bool = False  # and lost its latest writes: what callers were told holds no more

    def pages(self) -> list[Page]:
        """Every page of the books; after a crash those that need no ledger."""
        ledger, caller = self.ledger, self.caller
        details = [caller.get(f"/purchase-orders/{order['id']}") for order in caller.all_of("/purchase-orders")]
        orders = [_order(order) for order in details]
        receipts = {order.id: caller.all_of(f"/purchase-orders/{order.id}/receipts") for order in orders}
        transfers = caller.all_of("/inventory/transfers")
        operations = {each["id"]: each for each in caller.all_of("/operations")}
        imports = {id_: _import(each) for id_, each in operations.items() if id_ in ledger.imports}
        endings = {id_: (each["kind"], each["status"]) for id_, each in operations.items()}
        placed = [(order.id, _lines(order)) for order in orders]
        arrived, moved = _received(receipts), [_transfer(each) for each in transfers]
        what_callers_know = [
            Page("answers as documented", self.traffic.answers, tuple(self.traffic.wrong)),
            Page("everybody could go on", sum(ledger.done.values()), tuple(ledger.wrong)),
            no_update_lost("orders, each acknowledged and once", ledger.orders, placed),
            equal("receipts, each acknowledged and once", "acknowledged", ledger.received, "recorded", arrived),
            no_update_lost("transfers, each acknowledged and once", ledger.transfers, moved),
            imports_balance(ledger.imports.values(), imports),
            sales_are_those_of_the_files(ledger.sold, self._sold()),
            none_left("operations acknowledged and gone", sorted(set(ledger.operations) - operations.keys())),
        ]
        return ([] if self.crashed else what_callers_know) + [
            numbers_have_no_gap(orders),
            equal("received of a line = its receipts", "lines", _received_of_lines(details), "receipts", arrived),
            *self._stock([*_movements(receipts, transfers), *ledger.corrections], orders),
            all_ended(endings, _MAY_FAIL),
            no_update_lost("events in BigQuery = those of orders", *self._events([order.id for order in orders])),
            none_left("left in the outbox", [entry.id for entry in waiting_entries(self._database, _now(), 500)]),
            none_left("left in the queues", [str(file) for file in self.tasks.rglob("*.task")]),
        ]

    @property
    def _database(self) -> Client:
        return database(self.config)

    @property
    def _tenant(self) -> Tenant:
        return Tenant(self._database, CLIENT)

    def _stock(self, movements: Sequence[Movement], orders: Sequence[Order]) -> Iterator[Page]:
        stock = {item: StockLevels(self._tenant).get(item) for item in ITEMS}
        documents = {(item, place): units for item, held in stock.items() for place, units in held.levels.items()}
        totals = {item: held.total for item, held in stock.items()}
        products = self.caller.all_of("/products?fields=item_id,current_stock,on_order")
        listed = {row["item_id"]: _units(row["current_stock"]) for row in products}
        known = TRADED if self.crashed else ITEMS  # nobody knows which corrections are lost
        yield stock_is_its_movements(_of(known, self.opening), _moved(known, movements), _of(known, documents))
        yield equal("stock by place: list = documents", "list", stock_in_lists(self.caller), "documents", documents)
        yield equal("stock by item: list = documents", "list", listed, "documents", totals)
        yield on_order_is_open_lines(orders, {row["item_id"]: _units(row["on_order"]) for row in products})

    def _sold(self) -> dict[dt.date, Decimal]:
        """Of the days that were imported during the day."""
        until = max(self.ledger.sold, default=dt.date.min) + dt.timedelta(days=1)
        rows = table_rows(Warehouse(self.config, CLIENT), _SALES, until=until)
        return {row["date_local"]: Decimal(row["units"]) for row in rows}

    def _events(self, order_ids: Iterable[str]) -> tuple[dict[str, Quantity], list[tuple[str, Quantity]]]:
        """By their ids the quantities of the events that the orders have, and of those that BigQuery has."""
        client, orders = Clients(self._database).get(CLIENT), PurchaseOrders(self._tenant).get_many(order_ids)
        expected: dict[str, Quantity] = {}
        for order in orders:
            receipts = Receipts(self._tenant).newest(order.id, order.receipt_count, order.receipt_count or 1)
            expected |= {event["event_id"]: event.get("quantity") for event in order_events(order, receipts, client)}
        rows = table_rows(Warehouse(self.config, CLIENT), _EVENTS, first=_now().date() - dt.timedelta(days=3))
        return expected, [(row["event_id"], row["quantity"]) for row in rows]


def _of(items: Sequence[str], stock: Mapping[Place, Decimal]) -> dict[Place, Decimal]:
    return {place: units for place, units in stock.items() if place[0] in items}


def _moved(items: Sequence[str], movements: Iterable[Movement]) -> list[Movement]:
    return [movement for movement in movements if movement.item_id in items]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _order(order: dict[str, Any]) -> Order:
    return Order(
        order["id"],
        order["po_number"],
        {line["item_id"]: _units(line["quantity"]) for line in order["items"]},
        {line["item_id"]: _units(line["outstanding"]) for line in order["items"]},
    )


def _lines(order: Order) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted(order.ordered.items()))


def _received(receipts: Mapping[str, Sequence[dict[str, Any]]]) -> dict[tuple[str, str], Decimal]:
    units: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order_id, of_order in receipts.items():
        for receipt in of_order:
            for line in receipt["lines"]:
                units[order_id, line["item_id"]] += _units(line["quantity"])
    return dict(units)


def _received_of_lines(orders: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Decimal]:
    return {(order["id"], line["item_id"]): _units(line["received"]) for order in orders for line in order["items"]}


def _transfer(transfer: dict[str, Any]) -> tuple[str, tuple[str, str, str, Decimal]]:
    ends = transfer["item_id"], transfer["from_location_id"], transfer["to_location_id"]
    return transfer["id"], (*ends, _units(transfer["quantity"]))


def _movements(
    receipts: Mapping[str, Sequence[dict[str, Any]]], transfers: Sequence[dict[str, Any]]
) -> Iterator[Movement]:
    for of_order in receipts.values():
        for receipt in of_order:
            for line in receipt["lines"]:
                yield Movement(receipt["id"], line["item_id"], receipt["location_id"], _units(line["quantity"]))
    for transfer in transfers:
        id_, (item, origin, to, units) = _transfer(transfer)
        yield Movement(id_, item, origin, -units)
        yield Movement(id_, item, to, units)


def _import(operation: dict[str, Any]) -> Import:
    counts = operation["counts"]
    return Import(operation["id"], counts["read"], counts["accepted"], counts["rejected"], operation["status"])


def _units(number: float) -> Decimal:
    return Decimal(str(number)).quantize(Decimal("0.001"))
