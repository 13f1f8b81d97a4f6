"""Stock per item and location: a list over the catalog, and corrections by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import polars as pl

from functions.inventory.schemas import ItemStock, StockAtLocation, StockCorrection, StockRow
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.indexed import SortKey
from shared.catalog.listing import ProductFilter, location_rows
from shared.catalog.live import current_catalog
from shared.catalog.stock_correction import Count, correct_stock
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.firestore.audit import AuditLog
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext

_FIELDS = (
    "item_id",
    "product_name",
    "location_id",
    "current_stock",
    "committed",
    "on_order",
    "inventory_value",
    "status",
)
_SORTED_BY = {"updated_at": "stock_updated_at"}
SORTABLE = (*_FIELDS, "updated_at")
_COLUMNS = (*(pl.col(name) for name in _FIELDS), pl.col("stock_updated_at").alias("updated_at"), pl.col("as_of"))


def stock_levels(
    tenant: Tenant, selection: ProductFilter, sort: Sequence[SortKey], offset: int, size: int
) -> tuple[int, list[StockRow]]:
    """How many rows the filters leave, and one page of them; in the end by item_id and location_id."""
    catalog = current_catalog(tenant)
    columns = [replace(key, column=_SORTED_BY.get(key.column, key.column)) for key in sort]
    frame, mask = location_rows(catalog, selection)
    total, rows = frame.page(mask, columns, offset, size, (*_FIELDS, "stock_updated_at", "as_of"))
    shown = rows.select(_COLUMNS)
    if not (catalog.locations.frame["committed"] != 0).any():  # the client says of none
        shown = shown.drop("committed")
    return total, cast(list[StockRow], shown.rows(named=True))


def correct(context: RequestContext, body: StockCorrection) -> ItemStock:
    """Set an item's stock at a location; returns the item's stock everywhere.

    Raises ProductNotFound, StockDiffers where the caller expects another, and LocationNotFound of the field.
    """
    tenant, log = context.tenant, AuditLog(context.tenant, context.config)

    def work(edit: CatalogEdit) -> StockLevel:
        Products(tenant).get(body.item_id)
        before = StockLevels(tenant).get(body.item_id)
        before.check_expected(body.location_id, body.expected_stock)
        counted = Count(body.location_id, body.current_stock, body.committed)
        return correct_stock(tenant, edit, log, context.actor, before, counted, body.reason)

    return _item_stock(edit_item(tenant, body.item_id, work))


def _item_stock(stock: StockLevel) -> ItemStock:
    return ItemStock(
        item_id=stock.item_id,
        current_stock=round_quantity(stock.total),
        locations=[_at_location(stock, location_id) for location_id in sorted(stock.levels)],
    )


def _at_location(stock: StockLevel, location_id: str) -> StockAtLocation:
    shown: StockAtLocation = {
        "location_id": location_id,
        "current_stock": round_quantity(stock.levels[location_id]),
        "updated_at": stock.updated_at.get(location_id),
    }
    if location_id in stock.committed:
        shown["committed"] = round_quantity(stock.committed[location_id])
    return shown
