"""Telling the client's own systems of an order, in the transaction that places or moves it.

The task of the call waits in the outbox for the scheduler's tick: nobody who orders waits for a webhook.
"""

from __future__ import annotations

from typing import Any

from shared.catalog.edit import CatalogEdit
from shared.domain.notification import NotificationEvent
from shared.domain.purchasing.purchase_order import PurchaseOrder
from shared.domain.settings import NotificationTargets
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.tasks.announcing import Announcement, announce_first


def announce_placed(edit: CatalogEdit, tenant: Tenant, order: PurchaseOrder) -> None:
    """Tell of a new order."""
    event, at = NotificationEvent.ORDER_CREATED, order.created_at
    announce_first(tenant, edit.transaction, _targets(edit, tenant), Announcement(event, (order.id,), at, _of(order)))


def announce_moved(edit: CatalogEdit, tenant: Tenant, before: PurchaseOrder, after: PurchaseOrder) -> None:
    """Tell of the order's new status; of a receipt that leaves the status as it was, nothing."""
    if after.status is before.status:
        return
    key = after.id, str(len(after.history))
    data = _of(after) | {"previous_status": before.status.value}
    told = Announcement(NotificationEvent.ORDER_STATUS_CHANGED, key, after.history[-1].at, data)
    announce_first(tenant, edit.transaction, _targets(edit, tenant), told)


def _targets(edit: CatalogEdit, tenant: Tenant) -> NotificationTargets:
    """As the catalog's pointer has them, which the edit has read; before a client's first catalog, a read."""
    if edit.catalog is not None:
        return edit.catalog.settings.notifications
    return SettingsStore(tenant).get().value.notifications


def _of(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "po_number": order.po_number,
        "supplier_id": order.supplier_id,
        "supplier_name": order.supplier_name,
        "status": order.status.value,
        "total_amount": float(order.total_amount),  # a JSON number, of 2 decimals
        "currency": order.currency,
    }
