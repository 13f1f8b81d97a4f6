"""Where a product is kept: its stock per location, and further locations for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.live import current_catalog
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.catalog.stock_correction import correct_stock
from shared.domain.access.audit import Actor
from shared.domain.purchasing.product import AlreadyAssigned, ProductNotFound
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant

_UNITS = Decimal("0.001")


def stock_per_location(tenant: Tenant, item_id: str) -> list[dict[str, Any]]:
    """The product's row at each of its locations, by location_id; raises NotFound for an unknown product."""
    catalog = current_catalog(tenant)
    if catalog.items.rows_of(item_id).is_empty():
        raise ProductNotFound(item_id)
    return catalog.locations.rows_of(item_id).select(list(PUBLIC_COLUMNS)).rows(named=True)


def assign(
    tenant: Tenant, actor: Actor, item_id: str, location_id: str, units: Decimal, *, may_exist: bool
) -> dict[str, Any]:
    """Keep the product at a further location, with this stock. Any but 0 is a correction of its stock, and audited.

    Raises NotFound for an unknown product, Invalid for an unknown location, Conflict when it is kept there already.
    `may_exist`: this may be a request again that was killed after it had assigned the location.
    """

    def work(edit: CatalogEdit) -> None:
        Products(tenant).get(item_id)
        stock = StockLevels(tenant).get(item_id)
        there = stock.levels.get(location_id)
        if there is not None and not (may_exist and there == units):
            raise AlreadyAssigned(
                f"product {item_id!r} is kept at {location_id!r} already, with {there} in stock: "
                "correct that at /inventory/stock-levels"
            )
        correct_stock(tenant, edit, actor, stock, location_id, units, "assigned to the location")

    edit_item(tenant, item_id, work)
    return {"item_id": item_id, "location_id": location_id, "current_stock": units.quantize(_UNITS)}
