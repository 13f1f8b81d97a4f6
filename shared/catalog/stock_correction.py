"""A correction of an item's stock at a location: its document, its rows and its audit entry."""

from __future__ import annotations

from decimal import Decimal

from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.location import LocationNotFound
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.firestore.audit import AuditLog
from shared.firestore.locations import Locations
from shared.firestore.products import StockLevels
from shared.firestore.tenant import Tenant


def correct_stock(
    tenant: Tenant,
    edit: CatalogEdit,
    actor: Actor,
    stock: StockLevel,
    location_id: str,
    units: Decimal,
    reason: str | None,
) -> StockLevel:
    """Set what is in stock at a location; `stock` is the item's before, read after it was loaded into the edit.

    Returns the item's stock afterwards. Raises Invalid for a
    location that is unknown and holds nothing of the item so far.
    """
    if not stock.levels.get(location_id) and not Locations(tenant).exists(location_id, edit.transaction):
        raise LocationNotFound(location_id).at("/location_id", "add it at /locations first")
    units = round_quantity(units)
    corrected = StockLevel(stock.item_id, {**stock.levels, location_id: units})
    StockLevels(tenant).put(edit.transaction, corrected)
    edit.set_stock(corrected)
    before = round_quantity(stock.levels.get(location_id, Decimal(0)))
    if units != before:
        AuditLog(tenant).add(
            edit.transaction,
            actor,
            AuditAction.STOCK_CORRECTED,
            stock.item_id,
            before={"location_id": location_id, "current_stock": before},
            after={"location_id": location_id, "current_stock": units},
            reason=reason,
        )
    return corrected
