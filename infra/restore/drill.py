"""The drill: proves on emulators of its own that a backup restores, and tells how long it takes.

It fills two clients, backs up documents and rows, goes on writing, destroys both databases, restores each into a new
one, and compares: every document, every row, and whether the books balance. The commands for the same in the cloud are
in docs/restore.md; what the emulators cannot do (table snapshots, point-in-time recovery) is said there.
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from infra.local.stack.bigquery import BigQuery
from infra.local.stack.component import Component
from infra.local.stack.firestore import Firestore
from infra.restore.books import Books, books_of, faults
from shared.bigquery.dataset import create_missing
from shared.bigquery.tables import DEMAND, TABLES
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import Product, StockLevel
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder, Receipt, ReceiptLine
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.products import Products, StockLevels
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

_PROJECT = "restore-drill"
_CLIENTS = ("north", "south")
_ITEMS_OF_AN_ORDER = 10
_OPENING = Decimal(100)
_DAYS = 60
_TODAY = dt.date(2026, 6, 1)
_AT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Size:
    """Of each client."""

    products: int = 1_000
    orders: int = 100


def drill(folder: Path, size: Size, say: Callable[[str], None]) -> list[str]:
    """Fill, back up, destroy, restore, compare; returns what differs, or does not balance."""
    with ExitStack() as running:
        firestore = Firestore(folder / "firestore.log", _PROJECT, folder / "documents")
        bigquery = BigQuery(folder / "bigquery.log")
        with _timed("start two databases", say):
            _run(running, firestore, bigquery)
        config = _config(firestore, bigquery)
        create_missing(config)
        with _timed(f"fill {len(_CLIENTS)} clients", say):
            for client_id in _CLIENTS:
                _fill(config, client_id, size)
        before = _books(config)
        say(
            f"  {sum(books.documents for books in before.values())} documents, "
            f"{sum(sum(books.rows.values()) for books in before.values())} rows"
        )
        with _timed("back up documents (export)", say):
            firestore.save()
        with _timed("back up rows (a file for each client and table)", say):
            _export_rows(config, folder / "rows")
        shutil.copytree(folder / "documents" / "current", folder / "backup" / "current")
        _go_on_writing(config)
        if _books(config) == before:
            return ["nothing was written after the backup: the drill proves nothing"]
        with _timed("destroy both", say):
            firestore.kill()
            bigquery.kill()
            shutil.rmtree(folder / "documents")
        restored_firestore = Firestore(folder / "restored-firestore.log", _PROJECT, folder / "backup")
        restored_bigquery = BigQuery(folder / "restored-bigquery.log")
        restored = _config(restored_firestore, restored_bigquery)
        with _timed("restore documents into a new database (import)", say):
            _run(running, restored_firestore)
        with _timed("restore rows into a new dataset (load)", say):
            _run(running, restored_bigquery)
            create_missing(restored)
            _import_rows(restored, folder / "rows")
        with _timed("compare", say):
            after = _books(restored)
        return [
            *(f"{client_id}: {fault}" for client_id, books in after.items() for fault in faults(books)),
            *(
                f"{client_id}: {difference}"
                for client_id in before
                for difference in before[client_id].differences(after[client_id])
            ),
        ]


@contextmanager
def _timed(what: str, say: Callable[[str], None]) -> Iterator[None]:
    begun = time.monotonic()
    yield
    say(f"{what:<52} {time.monotonic() - begun:6.1f} s")


def _run(running: ExitStack, *components: Component) -> None:
    for component in components:
        component.start()
        running.callback(component.kill)


def _config(firestore: Component, bigquery: Component) -> Config:
    env = {"GOOGLE_CLOUD_PROJECT": _PROJECT, "STOCKCAST_FUNCTION_URL": "-", **firestore.env, **bigquery.env}
    return Config.from_env(env)


def _books(config: Config) -> dict[str, Books]:
    return {client_id: books_of(config, client_id, _OPENING) for client_id in _CLIENTS}


def _fill(config: Config, client_id: str, size: Size) -> None:
    """Products with stock, orders half of which have arrived, and two months of sales."""
    tenant = Tenant(database(config), client_id)
    Clients(tenant.database).put(Client(client_id, client_id.title()))
    items = [f"item {number}" for number in range(size.products)]
    Products(tenant).put_many(Product(item, item.title(), unit_cost=Decimal("2.50")) for item in items)
    arrived: dict[str, Decimal] = {}
    for number in range(1, size.orders + 1):
        places = range(number * _ITEMS_OF_AN_ORDER, (number + 1) * _ITEMS_OF_AN_ORDER)
        _order(tenant, number, [items[place % len(items)] for place in places], arrived)
    StockLevels(tenant).put_many(
        StockLevel(item, {"LONDON": _OPENING + arrived.get(item, Decimal(0))}) for item in items
    )
    _sell(config, client_id, items, run_id="fill")


def _order(tenant: Tenant, number: int, items: list[str], arrived: dict[str, Decimal]) -> None:
    """An order with the year's next number; of every other one half has arrived."""
    half = number % 2 == 0
    lines = tuple(
        OrderLine(item, item, Decimal(12), Decimal(6) if half else Decimal(0), Decimal("2.50"), place)
        for place, item in enumerate(items)
    )
    order_id, orders = f"order-{number}", PurchaseOrders(tenant)
    receipt = Receipt(
        "first", _AT, "somebody", "LONDON", tuple(ReceiptLine(item, Decimal(6)) for item in items), number=1
    )

    def write(transaction: Transaction) -> None:
        taken = orders.next_number(transaction, _TODAY.year)
        order = PurchaseOrder(
            id=order_id,
            po_number=f"PO-{_TODAY.year}-{taken:06d}",
            supplier_id="acme",
            supplier_name="Acme Ltd",
            status=OrderStatus.CONFIRMED,
            location_id="LONDON",
            currency="EUR",
            order_date=_TODAY,
            expected_delivery_date=_TODAY + dt.timedelta(10),
            lines=lines,
            created_by="somebody",
            created_at=_AT,
            receipt_count=1 if half else 0,
        )
        orders.put(transaction, order)
        if half:
            Receipts(tenant).create(transaction, order_id, receipt)

    tenant.transact(write)
    if half:
        for item in items:
            arrived[item] = arrived.get(item, Decimal(0)) + Decimal(6)


def _sell(config: Config, client_id: str, items: list[str], *, run_id: str) -> None:
    import polars as pl

    days = [_TODAY - dt.timedelta(day) for day in range(1, _DAYS + 1)]
    frame = pl.DataFrame({"item_id": items}).join(pl.DataFrame({"date_local": days}), how="cross")
    frame = frame.with_columns(
        client_id=pl.lit(client_id),
        location_id=pl.lit("LONDON"),
        units_sold=pl.lit(Decimal(3)).cast(pl.Decimal(38, 9)),
        run_id=pl.lit(run_id),
    )
    file = io.BytesIO()
    frame.write_parquet(file)
    warehouse = Warehouse(config, client_id)
    staging = warehouse.stage(DEMAND, file, uuid.uuid4().hex, columns=frame.columns)
    warehouse.merge(DEMAND, staging, days[-1], days[0])
    warehouse.drop(staging)


def _go_on_writing(config: Config) -> None:
    """What comes after the backup, and is lost."""
    tenant = Tenant(database(config), _CLIENTS[0])
    Products(tenant).put_many([Product("late", "Late", unit_cost=Decimal(1))])
    _sell(config, _CLIENTS[0], ["late"], run_id="late")


def _export_rows(config: Config, folder: Path) -> None:
    import pyarrow.parquet as pq

    for client_id in _CLIENTS:
        for table in TABLES:
            batches = iter(Warehouse(config, client_id).stored_batches(table))
            first = next(batches, None)
            if first is None:
                continue
            path = folder / client_id / f"{table.name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            with pq.ParquetWriter(path, first.schema) as writer:
                writer.write_batch(first)
                for batch in batches:
                    writer.write_batch(batch)


def _import_rows(config: Config, folder: Path) -> None:
    for client_id in _CLIENTS:
        for table in TABLES:
            path = folder / client_id / f"{table.name}.parquet"
            if path.exists():
                with path.open("rb") as file:
                    Warehouse(config, client_id).append(table, file, f"restore-{table.name}")
