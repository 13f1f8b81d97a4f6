"""Changing a pending order as part of an edit: lines checked as when it was placed, what is on order, the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.purchase_orders.creation import checked_lines
from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.purchasing.order_request import RequestedLine
from shared.domain.purchasing.purchase_order import OrderRevision, PurchaseOrder
from shared.firestore.audit import AuditLog
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_TEXTS = ("shipping_method", "shipping_unit", "notes")


@dataclass(frozen=True)
class OrderChanges:
    """What a request changes. `given` names its fields; of those alone the values matter.

    `lines` are all that the order is to have; one without a cost keeps that of the item on the order.
    """

    given: frozenset[str]
    lines: Sequence[RequestedLine] = ()
    shipping_method: str | None = None
    shipping_unit: str | None = None
    notes: str | None = None
    expected_delivery_date: dt.date | None = None


def revise(
    edit: CatalogEdit, context: RequestContext, before: PurchaseOrder, changes: OrderChanges
) -> Versioned[PurchaseOrder]:
    """Write the order as it is to be, and all that follows from it; gives the order back.

    Raises Conflict for one that is not pending, and Invalid naming everything that is wrong with any line.
    """
    before.check_pending()
    after = before.revised(_revision(edit, context, before, changes))
    edit.load(*(line.item_id for line in before.lines))
    edit.set_order_lines(after.id, after.open_lines())
    old, new = changed_fields(_audited(before), _audited(after))
    AuditLog(context.tenant, context.config).add(
        edit.transaction, context.actor, AuditAction.ORDER_REVISED, after.id, before=old, after=new
    )
    return PurchaseOrders(context.tenant).place(edit.transaction, after)


def _revision(
    edit: CatalogEdit, context: RequestContext, before: PurchaseOrder, changes: OrderChanges
) -> OrderRevision:
    revision = replace(before.revision, **{name: getattr(changes, name) for name in _TEXTS if name in changes.given})
    by_default = before.expected_delivery_date == before.usual_delivery_date
    if "items" in changes.given:
        costs = {line.item_id: line.unit_cost for line in before.lines}
        requested = [
            replace(line, unit_cost=costs.get(line.item_id)) if line.unit_cost is None else line
            for line in changes.lines
        ]
        lines = checked_lines(edit, context.tenant, requested)[before.supplier_id]
        revision = replace(revision, lines=tuple(lines))
    if "expected_delivery_date" in changes.given:
        by_default = changes.expected_delivery_date is None
        revision = replace(revision, expected_delivery_date=changes.expected_delivery_date)
    if by_default:
        usual = replace(before, lines=revision.lines).usual_delivery_date
        revision = replace(revision, expected_delivery_date=usual)
    return revision


def _audited(order: PurchaseOrder) -> dict[str, Any]:
    texts = {name: getattr(order, name) for name in _TEXTS}
    lines = {line.item_id: {"quantity": line.quantity, "unit_cost": line.unit_cost} for line in order.lines}
    return texts | {
        "items": lines,
        "total_amount": order.total_amount,
        "expected_delivery_date": order.expected_delivery_date,
    }
