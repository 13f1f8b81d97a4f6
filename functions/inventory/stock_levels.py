"""Stock per item and location: a list over the catalog, and corrections by hand."""

from __future__ import annotations

from typing import cast

import polars as pl

from functions.inventory.schemas import ItemStock, StockAtLocation, StockCorrection, StockQuery, StockRow
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.live import current_catalog
from shared.catalog.stock_correction import correct_stock
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext

_COLUMNS = list(StockRow.__annotations__)


def stock_levels(tenant: Tenant, query: StockQuery) -> tuple[int, list[StockRow]]:
    """How many rows the filters leave, and one page of them by item_id and location_id."""
    frame = current_catalog(tenant).locations
    filters: list[pl.Expr] = []
    if query.item_id is not None:
        filters.append(pl.col("item_id") == query.item_id)
    if query.location_id is not None:
        filters.append(pl.col("location_id") == query.location_id)
    if query.search:
        filters.append(pl.lit(frame.search_text.str.contains(query.search.lower(), literal=True)))
    total, rows = frame.page(pl.all_horizontal(filters) if filters else None, (), query.offset, query.page_size)
    return total, cast(list[StockRow], rows[_COLUMNS].rows(named=True))


def correct(context: RequestContext, body: StockCorrection) -> ItemStock:
    """Set an item's stock at a location; returns the item's stock everywhere.

    Raises ProductNotFound, and LocationNotFound of the field.
    """
    tenant = context.tenant

    def work(edit: CatalogEdit) -> StockLevel:
        Products(tenant).get(body.item_id)
        before = StockLevels(tenant).get(body.item_id)
        return correct_stock(tenant, edit, context.actor, before, body.location_id, body.current_stock, body.reason)

    stock = edit_item(tenant, body.item_id, work)
    return ItemStock(
        item_id=stock.item_id,
        current_stock=round_quantity(stock.total),
        locations=[
            StockAtLocation(location_id=location_id, current_stock=round_quantity(units))
            for location_id, units in sorted(stock.levels.items())
        ],
    )
