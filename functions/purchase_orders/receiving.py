"""Changing an order as part of an edit: what is still to come of it, the stock that arrived, and the audit log."""

from __future__ import annotations

from dataclasses import replace

from functions.purchase_orders.announcing import announce_moved
from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import AuditAction
from shared.domain.purchasing.purchase_order import LocationRequired, PurchaseOrder, Receipt
from shared.domain.settings import Settings
from shared.firestore.audit import AuditLog
from shared.firestore.products import StockLevels
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext


def record_move(
    edit: CatalogEdit, context: RequestContext, before: PurchaseOrder, after: PurchaseOrder
) -> Versioned[PurchaseOrder]:
    """Write the order after a change of its status, and all that follows from it; gives the order back."""
    _show_open_lines(edit, before, after)
    AuditLog(context.tenant, context.config).add(
        edit.transaction,
        context.actor,
        AuditAction.ORDER_MOVED,
        after.id,
        before=_audited(before),
        after=_audited(after),
        reason=after.history[-1].reason,
    )
    announce_moved(edit, context.tenant, before, after)
    return PurchaseOrders(context.tenant).put(edit.transaction, after)


def record_receipt(
    edit: CatalogEdit,
    context: RequestContext,
    settings: Settings,
    before: PurchaseOrder,
    after: PurchaseOrder,
    receipt: Receipt,
) -> Versioned[PurchaseOrder]:
    """Write the order after a receipt, the receipt, and all that follows from it; gives the order back.

    Raises Invalid `location_required` when stock arrived and nobody said where.
    """
    edit.load(*sorted(line.item_id for line in receipt.lines))
    _show_open_lines(edit, before, after)
    if settings.receive_updates_stock:
        _take_into_stock(edit, context, after, receipt)
    units = {line.item_id: line.quantity for line in receipt.lines}
    AuditLog(context.tenant, context.config).add(
        edit.transaction,
        context.actor,
        AuditAction.ORDER_RECEIVED,
        after.id,
        before=_audited(before),
        after=_audited(after) | {"receipt_id": receipt.id, "location_id": receipt.location_id, "received": units},
        reason=receipt.notes,
    )
    announce_moved(edit, context.tenant, before, after)
    Receipts(context.tenant).create(edit.transaction, after.id, replace(receipt, number=after.receipt_count))
    return PurchaseOrders(context.tenant).put(edit.transaction, after)


def _show_open_lines(edit: CatalogEdit, before: PurchaseOrder, after: PurchaseOrder) -> None:
    """Show in the catalog what is still to come of the order."""
    changed = {line.item_id for line in set(before.open_lines()) ^ set(after.open_lines())}
    edit.load(*sorted(changed))
    edit.set_order_lines(after.id, after.open_lines())


def _take_into_stock(edit: CatalogEdit, context: RequestContext, order: PurchaseOrder, receipt: Receipt) -> None:
    location_id = receipt.location_id
    if location_id is None:
        raise LocationRequired(
            "/location_id",
            f"order {order.po_number} names no location: receive the goods with the location_id where they are",
        )
    stores, before, after = StockLevels(context.tenant), {}, {}
    stock = stores.get_many(line.item_id for line in receipt.lines)
    restocked = []
    for line in receipt.lines:
        levels = stock[line.item_id].levels
        before[line.item_id] = levels.get(location_id)
        after[line.item_id] = levels.get(location_id, 0) + line.quantity
        restocked.append(stock[line.item_id].with_units(location_id, after[line.item_id], context.now))
        stores.put(edit.transaction, restocked[-1])
    edit.set_stock(*restocked)
    AuditLog(context.tenant, context.config).add(
        edit.transaction,
        context.actor,
        AuditAction.STOCK_RECEIVED,
        order.id,
        before={"location_id": location_id, "levels": before},
        after={"location_id": location_id, "levels": after},
        reason=f"receipt {receipt.id} of {order.po_number}",
    )


def _audited(order: PurchaseOrder) -> dict[str, object]:
    return {"status": order.status.value, "expected_delivery_date": order.expected_delivery_date}
