"""A correction of an item's stock at a location: its document, its rows and its audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import Actor, AuditAction, changed_fields
from shared.domain.location import LocationNotFound
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.firestore.audit import AuditLog
from shared.firestore.locations import Locations
from shared.firestore.products import StockLevels
from shared.firestore.tenant import Tenant


@dataclass(frozen=True)
class Count:
    """What was counted at a location; `committed` of None stays as it is."""

    location_id: str
    units: Decimal
    committed: Decimal | None = None


def correct_stock(
    tenant: Tenant, edit: CatalogEdit, log: AuditLog, actor: Actor, stock: StockLevel, count: Count, reason: str | None
) -> StockLevel:
    """Set what is in stock at a location; `stock` is the item's before, read after it was loaded into the edit.

    Returns the item's stock afterwards. Raises Invalid for a location that is unknown and holds nothing of the item so
    far.
    """
    place = count.location_id
    check_place(tenant, edit, stock, place, "/location_id")
    corrected = stock.with_units(place, round_quantity(count.units), actor.at)
    if count.committed is not None:
        corrected = corrected.with_committed(place, round_quantity(count.committed), actor.at)
    StockLevels(tenant).put(edit.transaction, corrected)
    edit.set_stock(corrected)
    before, after = changed_fields(_at_location(stock, place), _at_location(corrected, place))
    if after:
        log.add(
            edit.transaction,
            actor,
            AuditAction.STOCK_CORRECTED,
            stock.item_id,
            before={"location_id": place, **before},
            after={"location_id": place, **after},
            reason=reason,
        )
    return corrected


def check_place(tenant: Tenant, edit: CatalogEdit, stock: StockLevel, location_id: str, pointer: str) -> None:
    """Raises LocationNotFound of the field for a location that is unknown and holds nothing of the item so far."""
    if not stock.levels.get(location_id) and not Locations(tenant).exists(location_id, edit.transaction):
        raise LocationNotFound(location_id).at(pointer, "add it at /locations first")


def _at_location(stock: StockLevel, location_id: str) -> dict[str, Decimal]:
    """What the audit log compares: units in stock and committed ones."""
    nothing = Decimal(0)
    return {
        "current_stock": round_quantity(stock.levels.get(location_id, nothing)),
        "committed": round_quantity(stock.committed.get(location_id, nothing)),
    }
