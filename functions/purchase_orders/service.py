"""Purchase orders: place them, follow them to receipt, look them up.

Every change is one transaction: the order, what it does to numbers, cart and stock, the catalog rows of its items, the
audit entry, and the task that tells BigQuery of it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from functions.purchase_orders.creation import (
    Placement,
    cart_lines,
    cart_pointer,
    check_location,
    order_id_of,
    place_orders,
    suppliers_at,
    take_from_cart,
)
from functions.purchase_orders.document import order_csv, order_pdf
from functions.purchase_orders.receiving import record_change
from functions.purchase_orders.schemas import DocumentFormat
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.config import Config
from shared.domain.access.audit import Actor
from shared.domain.errors import NotFound
from shared.domain.location import Location
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.purchasing.line_errors import duplicate_errors
from shared.domain.purchasing.order_filter import OrderFilter
from shared.domain.purchasing.order_request import RequestedLine
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderSummary, PurchaseOrder, Receipt
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.carts import Carts
from shared.firestore.clients import Clients
from shared.firestore.locations import Locations
from shared.firestore.outbox import Outbox
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.settings import SettingsStore
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match
from shared.tasks.delivery import deliver


def page(tenant: Tenant, size: int, position: str | None, wanted: OrderFilter) -> tuple[list[OrderSummary], str | None]:
    """Orders of one page, the newest first, and where the next one starts."""
    return PurchaseOrders(tenant).page(size, position, wanted)


def order(tenant: Tenant, order_id: str) -> tuple[PurchaseOrder, str]:
    """The order and its version."""
    return PurchaseOrders(tenant).get(order_id)


def order_file(tenant: Tenant, order_id: str, format_: DocumentFormat) -> tuple[str, bytes]:
    """The order as its supplier gets it: a file name and its content. A PDF costs 4 reads, a CSV one."""
    found, _ = PurchaseOrders(tenant).get(order_id)
    name = f"{found.po_number}.{format_}"
    if format_ == "csv":
        return name, order_csv(found)
    known = Suppliers(tenant).get_many([found.supplier_id])
    supplier = known.get(found.supplier_id) or Supplier(found.supplier_id, found.supplier_name)
    client = Clients(tenant.database).get(tenant.client_id)
    return name, order_pdf(found, supplier, _place_of(tenant, found), client)


def create_order(
    config: Config,
    tenant: Tenant,
    actor: Actor,
    supplier_id: str,
    lines: Sequence[RequestedLine],
    *,
    request_id: str | None,
    location_id: str | None,
    expected_delivery_date: dt.date | None,
    note: str | None,
) -> tuple[PurchaseOrder, str]:
    """Place an order with a supplier; what of it is in the caller's cart leaves the cart.

    The order that an earlier attempt of the request placed, known by `request_id`, is returned as it is.
    """
    placement = _placement(tenant, actor, location_id, note, expected_delivery_date)
    order_id = request_id or uuid.uuid4().hex
    repeated = duplicate_errors([one.item_id for one in lines], "/items")

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        if request_id is not None and PurchaseOrders(tenant).get_many([order_id], edit.transaction):
            return []
        suppliers = suppliers_at(tenant, {supplier_id: "/supplier_id"})
        take_from_cart(edit, tenant, actor.user_id, lines)
        return place_orders(edit, tenant, placement, lines, suppliers, {supplier_id: order_id}, repeated)

    placed = _edit_orders(config, tenant, actor, work)
    return (placed[0].value, placed[0].version) if placed else PurchaseOrders(tenant).get(order_id)


def order_cart(
    config: Config,
    tenant: Tenant,
    actor: Actor,
    supplier_ids: Sequence[str] | None,
    *,
    request_id: str | None,
    location_id: str | None,
    note: str | None,
) -> list[PurchaseOrder]:
    """Order what is in the caller's cart, from each supplier (or each of some) what is to come from it.

    The orders that an earlier attempt of the request placed, known by `request_id`, are returned as they are.
    """
    placement = _placement(tenant, actor, location_id, note)
    prefix = request_id or uuid.uuid4().hex

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        if request_id is not None and PurchaseOrders(tenant).placed_by(request_id):
            return []
        cart = Carts(tenant).get(actor.user_id, edit.transaction)
        lines = cart_lines(cart, supplier_ids)
        order_ids = {one.supplier_id: order_id_of(prefix, one.supplier_id) for one in lines}
        suppliers = suppliers_at(tenant, {supplier_id: cart_pointer(supplier_id) for supplier_id in order_ids})
        Carts(tenant).put(edit.transaction, cart.without([one.pair for one in lines]))
        return place_orders(edit, tenant, placement, lines, suppliers, order_ids)

    placed = _edit_orders(config, tenant, actor, work)
    return [each.value for each in placed] or PurchaseOrders(tenant).placed_by(prefix)


def move_order(
    config: Config,
    tenant: Tenant,
    actor: Actor,
    order_id: str,
    to: OrderStatus,
    *,
    reason: str | None,
    expected_delivery_date: dt.date | None,
) -> tuple[PurchaseOrder, str]:
    """Move the order to another status; honours If-Match."""
    settings, _ = SettingsStore(tenant).get()

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        before, version = PurchaseOrders(tenant).get(order_id, edit.transaction)
        check_if_match(version)
        after = before.moved(to, actor.at, actor.user_id, reason, expected_delivery_date)
        return [record_change(edit, tenant, actor, settings, before, after)]

    (moved,) = _edit_orders(config, tenant, actor, work)
    return moved.value, moved.version


def receive_goods(
    config: Config, tenant: Tenant, actor: Actor, order_id: str, receipt: Receipt
) -> tuple[PurchaseOrder, str]:
    """Record a receipt, at the order's location unless it names one; one that is recorded already changes nothing."""
    settings, _ = SettingsStore(tenant).get()

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        before, _ = PurchaseOrders(tenant).get(order_id, edit.transaction)
        arrived = replace(receipt, location_id=receipt.location_id or before.location_id)
        after = before.received(arrived, settings.over_receipt_tolerance)
        if after is before:
            return []
        check_location(edit, tenant, receipt.location_id)
        return [record_change(edit, tenant, actor, settings, before, after)]

    changed = _edit_orders(config, tenant, actor, work)
    return (changed[0].value, changed[0].version) if changed else PurchaseOrders(tenant).get(order_id)


def _place_of(tenant: Tenant, found: PurchaseOrder) -> Location | None:
    """Where the order is to arrive; None when it says nothing, or the location is there no more."""
    if found.location_id is None:
        return None
    try:
        location, _ = Locations(tenant).get(found.location_id)
    except NotFound:
        return None
    return location


def _placement(
    tenant: Tenant,
    actor: Actor,
    location_id: str | None,
    note: str | None,
    expected_delivery_date: dt.date | None = None,
) -> Placement:
    client = Clients(tenant.database).get(tenant.client_id)
    place = Locations(tenant).default_id() if location_id is None else location_id
    return Placement(actor, client, place, note, expected_delivery_date)


def _edit_orders(
    config: Config, tenant: Tenant, actor: Actor, work: Callable[[CatalogEdit], list[Versioned[PurchaseOrder]]]
) -> list[Versioned[PurchaseOrder]]:
    """Run `work` as an edit; the orders that it changed are exported to BigQuery by a task of the same transaction."""
    entry_id = uuid.uuid4().hex

    def edit_and_export(edit: CatalogEdit) -> tuple[list[Versioned[PurchaseOrder]], OutboxEntry | None]:
        changed = work(edit)
        if not changed:
            return changed, None
        entry = OutboxEntry(
            id=entry_id,
            client_id=tenant.client_id,
            function="purchase-orders",
            path="/internal/export-events",
            body={"client_id": tenant.client_id, "order_ids": [each.value.id for each in changed]},
            created_at=actor.at,
        )
        Outbox(tenant).add(edit.transaction, entry)
        return changed, entry

    changed, entry = edit_catalog(tenant, edit_and_export)
    deliver(config, entry)
    return changed
