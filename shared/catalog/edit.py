"""Edits of one item: the document and its catalog row change in one transaction.

The item's change document is the serialisation point: the transaction reads it, so two edits of an item cannot
overwrite each other's row. The row is computed by the same function as in a refresh, from the item's demand profile.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from shared.catalog.codec import decode, encode
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.profiles import PROFILE_SCHEMA, chunk_of, profiles_of
from shared.catalog.schema import ROW_SCHEMA
from shared.catalog.store import CatalogStore, Change
from shared.domain.errors import NotFound, Unavailable
from shared.domain.product import Product, StockLevel
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

T = TypeVar("T")

# Edits waiting on top of a snapshot make every new instance read them all; beyond this they are worth a compaction.
COMPACTION_THRESHOLD = 200


class ItemEdit:
    """One item within an edit's transaction: its rows before, and what they are to become."""

    def __init__(self, transaction: Transaction, item_id: str, rows: pl.DataFrame) -> None:
        self.transaction = transaction
        self.item_id = item_id
        self.rows = rows

    def set_product(self, product: Product) -> None:
        """Show the product's own fields in each of its rows."""
        self.rows = self.rows.with_columns(
            sku=pl.lit(product.sku, dtype=pl.String()),
            product_name=pl.lit(product.product_name),
            category=pl.lit(product.category),
            unit_cost=pl.lit(product.unit_cost, dtype=ROW_SCHEMA["unit_cost"]),
            needs_review=pl.lit(product.needs_review),
            strategic=pl.lit(product.strategic),
        )

    def set_stock(self, stock: StockLevel) -> None:
        """Show this stock in the item's row and in that of each location; a location's first stock makes its row."""
        whole = self.rows.filter(pl.col("location_id").is_null())
        known = set(self.rows["location_id"].drop_nulls())
        fresh = [
            whole.with_columns(
                location_id=pl.lit(place),
                on_order=_none(),
                committed=_none(),
                receipts_due=_none(),
                last_sale=pl.lit(None),
            )
            for place in sorted(set(stock.levels) - known)
        ]
        units = pl.DataFrame(
            {"location_id": [None, *stock.levels], "units": [stock.total, *stock.levels.values()]},
            schema={"location_id": pl.String(), "units": ROW_SCHEMA["current_stock"]},
        )
        self.rows = (
            pl.concat([self.rows, *(one.cast(dict(ROW_SCHEMA)) for one in fresh)])  # type: ignore[arg-type]
            .join(units, on="location_id", how="left", nulls_equal=True, maintain_order="left")
            .with_columns(current_stock=pl.col("units").fill_null(0))
            .select(ROW_SCHEMA.names())
            .sort("location_id", nulls_last=False)
        )


def edit_item(tenant: Tenant, item_id: str, work: Callable[[ItemEdit], T]) -> T:
    """Run `work` in a transaction that also writes the item's new catalog rows.

    `work` uses documents through `edit.transaction`, all reads first, and calls `set_product` or `set_stock`.
    An item that the catalog does not hold yet gets its rows with the next refresh.
    """
    catalog = _catalog_or_none(tenant)
    result = _in_transaction(tenant, catalog, item_id, work, _latest_rows)
    if _replaced(tenant, catalog):
        # What was written came from the snapshot before, and lies on one that may know better.
        recompute_item(tenant, item_id)
    return result


def recompute_item(tenant: Tenant, item_id: str) -> None:
    """Compute an edited item's rows again: from the current snapshot, its product and its stock."""

    def from_documents(edit: ItemEdit) -> None:
        product, _ = Products(tenant).get(item_id, edit.transaction)
        stock = StockLevels(tenant).get(item_id, edit.transaction)
        edit.set_product(product)
        edit.set_stock(stock)

    while True:
        catalog = _catalog_or_none(tenant)
        _in_transaction(tenant, catalog, item_id, from_documents, _snapshot_rows)
        if not _replaced(tenant, catalog):
            return


def _in_transaction(
    tenant: Tenant,
    catalog: Catalog | None,
    item_id: str,
    work: Callable[[ItemEdit], T],
    rows_before: Callable[[Catalog, str, Change | None], pl.DataFrame],
) -> T:
    from shared.catalog.evaluation import evaluate_rows

    store = CatalogStore(tenant)

    def write(transaction: Transaction) -> T:
        change = store.change(transaction, item_id)
        rows = pl.DataFrame(schema=ROW_SCHEMA) if catalog is None else rows_before(catalog, item_id, change)
        edit = ItemEdit(transaction, item_id, rows)
        result = work(edit)
        evaluated = edit.rows
        if catalog is not None and evaluated.height:
            pointer = catalog.pointer
            evaluated = evaluate_rows(edit.rows, item_profiles(catalog, item_id), pointer.settings, pointer.as_of)
        # Also without rows: a refresh that is running now is to know that its item was edited.
        store.write_change(transaction, item_id, encode(evaluated))
        return result

    return tenant.transact(write)


def _latest_rows(catalog: Catalog, item_id: str, change: Change | None) -> pl.DataFrame:
    if change is not None and change.committed_at > catalog.pointer.read_time:
        return decode(change.rows)
    return _snapshot_rows(catalog, item_id, change)


def _snapshot_rows(catalog: Catalog, item_id: str, _: Change | None) -> pl.DataFrame:
    return pl.concat([catalog.snapshot.items.rows_of(item_id), catalog.snapshot.locations.rows_of(item_id)])


def _replaced(tenant: Tenant, catalog: Catalog | None) -> bool:
    """Whether another snapshot was published since `catalog` was read. One read."""
    current = CatalogStore(tenant).pointer().pointer
    return current is not None and (catalog is None or current.version != catalog.pointer.version)


def item_profiles(catalog: Catalog, item_id: str) -> pl.DataFrame:
    """The demand profiles of an item and its locations; one read, none when the chunk is at hand."""
    chunks = catalog.pointer.profiles
    if not chunks:
        return pl.DataFrame(schema=PROFILE_SCHEMA)
    return profiles_of(item_id, _profile_chunk(catalog.snapshot.store, chunk_of(item_id, chunks)))


def needs_compaction(tenant: Tenant) -> bool:
    """Whether so many edits lie on the snapshot that merging them is worth it. Costs what a list costs."""
    catalog = _catalog_or_none(tenant)
    return catalog is not None and len(catalog.changes) >= COMPACTION_THRESHOLD


@lru_cache(maxsize=16)
def _profile_chunk(store: CatalogStore, chunk_id: str) -> bytes:
    data = store.chunks([chunk_id])
    if data is None:
        raise Unavailable("catalog_moving", "the catalog is being replaced; try again shortly")
    return data


def _catalog_or_none(tenant: Tenant) -> Catalog | None:
    try:
        return current_catalog(tenant)
    except NotFound:
        return None


def _none() -> pl.Expr:
    return pl.lit(0).cast(ROW_SCHEMA["on_order"])
