"""Stock per item and location: a list over the catalog, and corrections by hand."""

from __future__ import annotations

from typing import Any

import polars as pl

from functions.inventory.schemas import StockCorrection, StockQuery, StockRow
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.live import current_catalog
from shared.catalog.stock_correction import correct_stock
from shared.domain.access.audit import Actor
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant


def stock_levels(tenant: Tenant, query: StockQuery) -> tuple[int, list[dict[str, Any]]]:
    """How many rows the filters leave, and one page of them by item_id and location_id."""
    frame = current_catalog(tenant).locations
    terms: list[pl.Expr] = []
    if query.item_id is not None:
        terms.append(pl.col("item_id") == query.item_id)
    if query.location_id is not None:
        terms.append(pl.col("location_id") == query.location_id)
    if query.search:
        terms.append(pl.lit(frame.search_text.str.contains(query.search.lower(), literal=True)))
    total, rows = frame.page(pl.all_horizontal(terms) if terms else None, (), query.offset, query.page_size)
    return total, rows[list(StockRow.model_fields)].rows(named=True)


def correct(tenant: Tenant, actor: Actor, body: StockCorrection) -> dict[str, Any]:
    """Set what is in stock of an item at a location; gives the item's stock everywhere.

    Raises NotFound for an unknown item, Invalid for an unknown location.
    """

    def work(edit: CatalogEdit) -> StockLevel:
        Products(tenant).get(body.item_id)
        before = StockLevels(tenant).get(body.item_id)
        return correct_stock(tenant, edit, actor, before, body.location_id, body.current_stock, body.reason)

    stock = edit_item(tenant, body.item_id, work)
    return {
        "item_id": stock.item_id,
        "current_stock": round_quantity(stock.total),
        "locations": [
            {"location_id": place, "current_stock": round_quantity(units)}
            for place, units in sorted(stock.levels.items())
        ],
    }
