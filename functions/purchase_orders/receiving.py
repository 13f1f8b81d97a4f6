"""Changing an order as part of an edit: what is still to come of it, the stock that arrived, and the audit log."""

from __future__ import annotations

from typing import Any

from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.purchasing.product import StockLevel
from shared.domain.purchasing.purchase_order import LocationRequired, PurchaseOrder, Receipt
from shared.domain.settings import Settings
from shared.firestore.audit import AuditLog
from shared.firestore.products import StockLevels
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned


def record_change(
    edit: CatalogEdit, tenant: Tenant, actor: Actor, settings: Settings, before: PurchaseOrder, after: PurchaseOrder
) -> Versioned[PurchaseOrder]:
    """Write the order as it is now, and all that follows from what has changed in it; gives it back.

    Raises Invalid `location_required` when stock arrived and nobody said where.
    """
    arrived = after.receipts[len(before.receipts) :]
    changed = {line.item_id for line in set(before.open_lines()) ^ set(after.open_lines())}
    edit.load(*sorted(changed | {line.item_id for receipt in arrived for line in receipt.lines}))
    edit.set_order_lines(after.id, after.open_lines())
    audit = AuditLog(tenant)
    for receipt in arrived:
        if settings.receive_updates_stock:
            _take_into_stock(edit, tenant, actor, after, receipt)
        units = {line.item_id: line.quantity for line in receipt.lines}
        received = {"receipt_id": receipt.id, "location_id": receipt.location_id, "received": units}
        audit.add(
            edit.transaction,
            actor,
            AuditAction.ORDER_RECEIVED,
            after.id,
            before=_shown(before),
            after=_shown(after) | received,
            reason=receipt.note,
        )
    if not arrived:
        audit.add(
            edit.transaction,
            actor,
            AuditAction.ORDER_MOVED,
            after.id,
            before=_shown(before),
            after=_shown(after),
            reason=after.history[-1].reason,
        )
    return PurchaseOrders(tenant).put(edit.transaction, after)


def _take_into_stock(edit: CatalogEdit, tenant: Tenant, actor: Actor, order: PurchaseOrder, receipt: Receipt) -> None:
    place = receipt.location_id
    if place is None:
        raise LocationRequired(
            "/location_id",
            f"order {order.po_number} names no location: receive the goods with the location_id where they are",
        )
    stores, before, after = StockLevels(tenant), {}, {}
    stock = stores.get_many(line.item_id for line in receipt.lines)
    for line in receipt.lines:
        levels = stock[line.item_id].levels
        before[line.item_id] = levels.get(place)
        after[line.item_id] = levels.get(place, 0) + line.quantity
        restocked = StockLevel(line.item_id, {**levels, place: after[line.item_id]})
        stores.put(edit.transaction, restocked)
        edit.set_stock(restocked)
    AuditLog(tenant).add(
        edit.transaction,
        actor,
        AuditAction.STOCK_RECEIVED,
        order.id,
        before={"location_id": place, "levels": before},
        after={"location_id": place, "levels": after},
        reason=f"receipt {receipt.id} of {order.po_number}",
    )


def _shown(order: PurchaseOrder) -> dict[str, Any]:
    return {"status": order.status.value, "expected_delivery_date": order.expected_delivery_date}
