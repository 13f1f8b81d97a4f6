"""Where a product is kept: its stock per location, and further locations for it."""

from __future__ import annotations

from decimal import Decimal

from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.live import current_catalog
from shared.catalog.schema import PUBLIC_COLUMNS, CatalogRow, public_rows
from shared.catalog.stock_correction import Count, correct_stock
from shared.domain.purchasing.product import AlreadyAssigned, ProductNotFound, StockLevel
from shared.firestore.audit import AuditLog
from shared.firestore.products import Products, StockLevels
from shared.request_context import RequestContext


def stock_per_location(context: RequestContext, item_id: str) -> list[CatalogRow]:
    """The product's row at each of its locations, by location_id; raises NotFound for an unknown product."""
    catalog = current_catalog(context.tenant)
    if catalog.items.rows_of(item_id).is_empty():
        raise ProductNotFound(item_id)
    return public_rows(catalog.locations.rows_of(item_id).select(list(PUBLIC_COLUMNS)))


def assign(context: RequestContext, item_id: str, location_id: str, units: Decimal) -> StockLevel:
    """Keep the product at a further location, with this stock. Any but 0 is a correction of its stock, and audited.

    Gives the stock at all its locations. Raises NotFound for an unknown product, Invalid for an unknown location,
    Conflict when it is kept there already, unless an earlier attempt of the request may have assigned it.
    """
    tenant, log = context.tenant, AuditLog(context.tenant, context.config)

    def work(edit: CatalogEdit) -> StockLevel:
        Products(tenant).get(item_id)
        stock = StockLevels(tenant).get(item_id)
        there = stock.levels.get(location_id)
        if there is not None and not (context.repeatable and there == units):
            raise AlreadyAssigned(
                f"product {item_id!r} is kept at {location_id!r} already, with {there} in stock: "
                "correct that at /inventory/stock-levels"
            )
        return correct_stock(
            tenant, edit, log, context.actor, stock, Count(location_id, units), "assigned to the location"
        )

    return edit_item(tenant, item_id, work)


def unassign(context: RequestContext, item_id: str, location_id: str) -> None:
    """Keep the product at this location no longer; raises NotFound where it is not kept, Conflict while it has stock
    there."""
    tenant = context.tenant

    def work(edit: CatalogEdit) -> None:
        Products(tenant).get(item_id)
        left = StockLevels(tenant).get(item_id).without(location_id)
        StockLevels(tenant).put(edit.transaction, left)
        edit.set_stock(left)
        edit.keep_locations(left)

    edit_item(tenant, item_id, work)
