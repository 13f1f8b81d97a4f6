"""Edits: documents and the catalog rows that follow from them change in one transaction.

An item's change document is its serialisation point: the transaction reads it, so two edits of an item cannot
overwrite each other's row, and everything that belongs to the item (product, stock, conditions) changes only together
with it. Rows are computed by the same function as in a refresh, from the item's demand profile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import polars as pl

from shared.catalog.indexed import IndexedFrame
from shared.catalog.item_profiles import profiles_of_items
from shared.catalog.live import catalog_or_none
from shared.catalog.open_orders import lines_by_item, with_open_lines
from shared.catalog.product_records import product_record
from shared.catalog.schema import KEY, ROW_SCHEMA, SIDE_TABLES
from shared.catalog.stock_records import STOCK_COLUMNS, stock_records
from shared.catalog.store import CatalogStore
from shared.domain.errors import NotFound
from shared.domain.purchasing.product import Condition, OpenOrderLine, Product, StockLevel, ruling_condition
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products, StockLevels
from shared.firestore.purchase_orders import OpenOrders
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.telemetry.logs import log

T = TypeVar("T")

_TERMS = ("supplier_id", "supplier_name", "moq", "packaging_qty", "supplier_cost", "lead_time_days")


class CatalogEdit:
    """Items and side records within an edit's transaction: what they are, and what they are to become."""

    def __init__(self, transaction: Transaction, tenant: Tenant) -> None:
        self.transaction = transaction
        self._tenant = tenant
        self._store = CatalogStore(tenant)
        self.catalog = catalog_or_none(tenant)
        self.versions = {self._version}
        self._rows = pl.DataFrame(schema=ROW_SCHEMA)
        self.item_ids: list[str] = []
        self._records: dict[str, dict[str, dict[str, Any]]] = {}

    def load(self, *item_ids: str) -> None:
        """Take these items into the edit. Their own documents are read after this, outside the transaction."""
        wanted = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self.item_ids]
        last = self._store.last_edits(self.transaction, wanted)
        if any(edited.edit_id is not None and not self._knows(edited.edit_id, edited.committed_at) for edited in last):
            # Committed since the catalog was looked at; a look at it now shows that edit.
            self.catalog = catalog_or_none(self._tenant)
            self.versions.add(self._version)
        self._take(wanted, *(() if self.catalog is None else (self.catalog.items, self.catalog.locations)))

    def load_from_documents(self, item_id: str) -> None:
        """Take this item into the edit as its documents and the snapshot have it, whatever edits said of it."""
        self._store.last_edits(self.transaction, [item_id])
        snapshot = None if self.catalog is None else self.catalog.snapshot
        self._take([item_id], *(() if snapshot is None else (snapshot.items, snapshot.locations)))
        try:
            self.set_product(Products(self._tenant).get(item_id).value)
        except NotFound:  # an order may name what is no product any more
            log("INFO", "an edited item is no product", client_id=self._tenant.client_id, item_id=item_id)
        stock = StockLevels(self._tenant).get(item_id)
        self.set_stock(stock)
        self.keep_locations(stock)
        self.set_conditions(item_id, Conditions(self._tenant).of_item(item_id))
        lines = lines_by_item(OpenOrders(self._tenant).lines_of_item(item_id))
        self._rows = with_open_lines(self._rows, {item_id: lines.get(item_id, [])})

    def row(self, item_id: str) -> dict[str, Any] | None:
        """The loaded item's row, all locations together; None while the catalog does not hold it."""
        found = self._rows.filter((pl.col("item_id") == item_id) & pl.col("location_id").is_null())
        return found.row(0, named=True) if found.height else None

    def set_product(self, product: Product) -> None:
        """Show the product's own fields in each of its rows."""
        record = product_record(product)
        item_id = record.pop("item_id")
        self._replace(item_id, **{name: pl.lit(value, dtype=ROW_SCHEMA[name]) for name, value in record.items()})

    def set_stock(self, *stocks: StockLevel) -> None:
        """Show the stock of these items in their rows and in those of each location; a location's first stock makes
        its row."""
        theirs = pl.col("item_id").is_in([stock.item_id for stock in stocks])
        rows = self._rows.filter(theirs)
        records = [{"item_id": stock.item_id, **record} for stock in stocks for record in stock_records(stock)]
        columns: dict[str, pl.DataType] = {"item_id": pl.String(), "location_id": pl.String()}
        columns |= {name: ROW_SCHEMA[name] for name in STOCK_COLUMNS}
        fields = pl.DataFrame(records, schema=columns)
        places = pl.DataFrame(
            [(stock.item_id, place) for stock in stocks for place in stock.levels],
            schema={"item_id": pl.String(), "location_id": pl.String()},
            orient="row",
        )
        fresh = (
            rows.filter(pl.col("location_id").is_null())
            .drop("location_id")
            .with_columns(last_sale=pl.lit(None), open_lines=pl.lit(None))
            .join(places.join(rows, on=KEY, how="anti"), on="item_id")
            .select(ROW_SCHEMA.names())
            .cast(dict(ROW_SCHEMA))  # type: ignore[arg-type]
        )
        restocked = (
            pl.concat([rows, fresh])
            .drop(STOCK_COLUMNS)
            .join(fields, on=KEY, how="left", nulls_equal=True, maintain_order="left")
            .with_columns(pl.col("current_stock", "committed").fill_null(0))
            .select(ROW_SCHEMA.names())
        )
        self._rows = pl.concat([self._rows.filter(~theirs), restocked], rechunk=True)

    def keep_locations(self, stock: StockLevel) -> None:
        """Show no row of the item at a location that does not keep it any more."""
        kept = pl.col("location_id").is_null() | pl.col("location_id").is_in(list(stock.levels))
        self._rows = self._rows.filter((pl.col("item_id") != stock.item_id) | kept)

    def set_conditions(self, item_id: str, conditions: Sequence[Condition]) -> None:
        """Plan the item by the ruling one of these, its only ones; by the client's default lead time without any."""
        if self.catalog is not None:
            terms = condition_fields(conditions, self.catalog.settings.default_lead_time_days)
            self._replace(item_id, **{name: pl.lit(terms[name], dtype=ROW_SCHEMA[name]) for name in _TERMS})

    def set_order_lines(self, order_id: str, lines: Sequence[OpenOrderLine]) -> None:
        """Show that this is what is still to come of an order, in the rows of the loaded items and nowhere else."""
        held = {
            item_id: [dict(line) for line in lines or ()]
            for item_id, lines in self._rows.filter(pl.col("location_id").is_null())
            .select("item_id", "open_lines")
            .iter_rows()
        }
        fresh = lines_by_item(lines)
        self._rows = with_open_lines(
            self._rows,
            {
                item_id: [line for line in before if line["order_id"] != order_id] + fresh.get(item_id, [])
                for item_id, before in held.items()
            },
        )

    def put(self, table: str, record: Mapping[str, Any]) -> None:
        """Show this record in a side table (schema.SIDE_TABLES), replacing the one with its key."""
        names = SIDE_TABLES[table].names()
        self._records.setdefault(table, {})[record[names[0]]] = {name: record[name] for name in names} | {
            "removed": False
        }

    def remove(self, table: str, key: str) -> None:
        """Show no record with this key in a side table any more."""
        names = SIDE_TABLES[table].names()
        self._records.setdefault(table, {})[key] = dict.fromkeys(names) | {names[0]: key, "removed": True}

    def write(self) -> None:
        """Write the rows, computed anew, and the records as part of the transaction."""
        sides = {
            table: pl.DataFrame(list(records.values()), schema=SIDE_TABLES[table] | {"removed": pl.Boolean()})
            for table, records in self._records.items()
        }
        # Also without rows: a refresh that is running now is to know that an item was edited.
        if self.item_ids or sides:
            computed_under = "" if self.catalog is None else self.catalog.settings.metric_inputs
            self._store.write_edit(self.transaction, self.item_ids, self._evaluated(), sides, computed_under)

    def _evaluated(self) -> pl.DataFrame:
        from shared.catalog.evaluation import computed_rows

        if self.catalog is None or self._rows.is_empty():
            return self._rows
        profiles = profiles_of_items(self.catalog.snapshot, self.item_ids)
        settings, snapshot = self.catalog.settings, self.catalog.snapshot
        return computed_rows(self._rows, profiles, settings, snapshot.service_levels(settings), snapshot.pointer.as_of)

    def _take(self, item_ids: Sequence[str], *frames: IndexedFrame) -> None:
        self.item_ids += item_ids
        # In one piece: hundreds of pieces make every later step slow.
        self._rows = pl.concat([self._rows, *(frame.rows_of_items(item_ids) for frame in frames)], rechunk=True)

    def _replace(self, item_id: str, **columns: pl.Expr) -> None:
        mine = pl.col("item_id") == item_id
        self._rows = self._rows.with_columns(
            pl.when(mine).then(value).otherwise(name).alias(name) for name, value in columns.items()
        )

    def _knows(self, edit_id: str, committed_at: dt.datetime | None) -> bool:
        catalog = self.catalog
        if catalog is None or committed_at is None:
            return catalog is None
        return catalog.has(edit_id) or committed_at <= catalog.pointer.read_time

    @property
    def _version(self) -> int | None:
        return self.catalog.pointer.version if self.catalog is not None else None


def edit_catalog(tenant: Tenant, work: Callable[[CatalogEdit], T]) -> T:
    """Run `work` in a transaction that also writes the catalog rows that follow from it.

    `work` loads the items it changes, reads, writes documents through `edit.transaction`, and tells the edit what has
    become of the items. It runs again when another edit came in between. An item that the catalog does not hold yet
    gets its rows with the next refresh.
    """

    def attempt(transaction: Transaction) -> tuple[T, CatalogEdit]:
        edit = CatalogEdit(transaction, tenant)
        result = work(edit)
        edit.write()
        return result, edit

    result, edit = tenant.transact(attempt)
    if edit.item_ids and _replaced(tenant, edit):
        # What was written came from the snapshot before, and lies on one that may know better.
        recompute_items(tenant, edit.item_ids)
    return result


def edit_item(tenant: Tenant, item_id: str, work: Callable[[CatalogEdit], T]) -> T:
    """`edit_catalog` with one item loaded."""

    def with_item(edit: CatalogEdit) -> T:
        edit.load(item_id)
        return work(edit)

    return edit_catalog(tenant, with_item)


def recompute_items(tenant: Tenant, item_ids: Sequence[str]) -> None:
    """Compute edited items' rows again: what documents say of them from those, the rest from the snapshot."""
    for item_id in item_ids:
        while True:
            edit = tenant.transact(partial(_recomputed, tenant, item_id))
            if not _replaced(tenant, edit):
                break


def condition_fields(conditions: Sequence[Condition], default_lead_time_days: int) -> dict[str, Any]:
    """What a row shows of its conditions: the ruling one's terms, or no supplier and the default lead time."""
    ruling = ruling_condition(conditions)
    if ruling is None:
        return dict.fromkeys(_TERMS) | {"lead_time_days": default_lead_time_days}
    return {name: getattr(ruling, name) for name in _TERMS}


def _recomputed(tenant: Tenant, item_id: str, transaction: Transaction) -> CatalogEdit:
    edit = CatalogEdit(transaction, tenant)
    edit.load_from_documents(item_id)
    edit.write()
    return edit


def _replaced(tenant: Tenant, edit: CatalogEdit) -> bool:
    """Whether another snapshot was published since the edit looked at the catalog. One read."""
    current = CatalogStore(tenant).pointer().pointer
    return current is not None and edit.versions != {current.version}
