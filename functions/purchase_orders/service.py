"""Purchase orders: place them, follow them to receipt, look them up.

Every change is one transaction: the order, what it does to numbers, cart and stock, the catalog rows of its items, the
audit entry, and the task that tells BigQuery of it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from functions.purchase_orders.creation import (
    Placement,
    Recipient,
    cart_lines,
    cart_pointer,
    check_location,
    order_id_of,
    place_orders,
    suppliers_at,
    take_from_cart,
)
from functions.purchase_orders.document import order_csv, order_pdf
from functions.purchase_orders.receiving import record_move, record_receipt
from functions.purchase_orders.revising import OrderChanges, revise
from functions.purchase_orders.schemas import DocumentFormat
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.listing import ProductFilter, product_rows
from shared.catalog.live import catalog_or_none
from shared.domain.errors import NotFound
from shared.domain.location import Location
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.purchasing.order_filter import OrderFilter, OrderSort
from shared.domain.purchasing.order_request import RequestedLine
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderSummary, PurchaseOrder, Receipt
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.carts import Carts
from shared.firestore.locations import Locations
from shared.firestore.order_lists import OrderLists
from shared.firestore.outbox import Outbox
from shared.firestore.page import Page, PageRequest
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.receipts import Receipts
from shared.firestore.settings import SettingsStore
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext
from shared.tasks.delivery import deliver

_SHOWN_RECEIPTS = 10  # with an order; /receipts has them all


@dataclass(frozen=True)
class DetailedOrder:
    """An order and its newest receipts, the newest first."""

    order: Versioned[PurchaseOrder]
    receipts: Sequence[Receipt] = ()


@dataclass(frozen=True)
class OrderFile:
    """An order as its supplier gets it."""

    name: str
    content: bytes


def orders(
    context: RequestContext, wanted: OrderFilter, sort: tuple[OrderSort, ...], page: PageRequest
) -> Page[Versioned[OrderSummary]]:
    """A page of the orders; a search also finds those of items that the product list would find."""
    if wanted.search is not None:
        wanted = replace(wanted, searched_items=_items_found(context.tenant, wanted.search))
    return OrderLists(context.tenant).page(page, wanted, sort)


def order(context: RequestContext, order_id: str) -> DetailedOrder:
    """The order; raises NotFound. A read, and one for each receipt that is shown."""
    return _detailed(context, PurchaseOrders(context.tenant).get(order_id))


def receipts(context: RequestContext, order_id: str, page: PageRequest) -> Page[Receipt]:
    """A page of the order's receipts, the newest first; raises NotFound. A read for the order, and for each receipt."""
    count = PurchaseOrders(context.tenant).get(order_id).value.receipt_count
    return Receipts(context.tenant).page(order_id, count, page)


def order_file(context: RequestContext, order_id: str, format_: DocumentFormat) -> OrderFile:
    """The order as a file. A PDF costs 4 reads, a CSV one."""
    order = PurchaseOrders(context.tenant).get(order_id).value
    name = f"{order.po_number}.{format_}"
    if format_ == "csv":
        return OrderFile(name, order_csv(order))
    suppliers = Suppliers(context.tenant).get_many([order.supplier_id])
    supplier = suppliers.get(order.supplier_id) or Supplier(order.supplier_id, order.supplier_name)
    return OrderFile(name, order_pdf(order, supplier, _destination(context.tenant, order), context.client))


def create_order(
    context: RequestContext, supplier_id: str, lines: Sequence[RequestedLine], placement: Placement
) -> DetailedOrder:
    """Place an order with a supplier, at the default location unless one is named; its lines leave the caller's cart.

    The order that an earlier attempt of the request placed is returned as it is.
    """
    placement = _with_location(context, placement)
    order_id = context.new_id()

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        if context.repeatable and PurchaseOrders(context.tenant).get_many([order_id], edit.transaction):
            return []
        suppliers = suppliers_at(context.tenant, {supplier_id: "/supplier_id"})
        take_from_cart(edit, context, lines)
        return place_orders(edit, context, placement, [Recipient(order_id, suppliers[supplier_id])], lines)

    placed = _edit_orders(context, work)
    return DetailedOrder(placed[0]) if placed else order(context, order_id)


def order_cart(
    context: RequestContext, supplier_ids: Sequence[str] | None, placement: Placement
) -> list[Versioned[PurchaseOrder]]:
    """Order what is in the caller's cart, from each supplier (or each of some) what is to come from it.

    The orders that an earlier attempt of the request placed are returned as they are.
    """
    placement = _with_location(context, placement)
    prefix = context.new_id()

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        if context.repeatable and PurchaseOrders(context.tenant).placed_by(prefix):
            return []
        cart = Carts(context.tenant).get(context.user_id, edit.transaction)
        lines = cart_lines(cart, supplier_ids)
        pointers = {line.supplier_id: cart_pointer(line.supplier_id) for line in lines}
        suppliers = suppliers_at(context.tenant, pointers)
        recipients = [Recipient(order_id_of(prefix, supplier_id), suppliers[supplier_id]) for supplier_id in pointers]
        Carts(context.tenant).put(edit.transaction, cart.without([line.pair for line in lines]))
        return place_orders(edit, context, placement, recipients, lines)

    placed = _edit_orders(context, work)
    return placed or PurchaseOrders(context.tenant).placed_by(prefix)


def revise_order(context: RequestContext, order_id: str, changes: OrderChanges) -> DetailedOrder:
    """Change a pending order; honours If-Match."""
    removed: set[str] = set()

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        stored = PurchaseOrders(context.tenant).get(order_id, edit.transaction)
        context.expected_version.check(stored.version)
        revised = revise(edit, context, stored.value, changes)
        removed.clear()
        removed.update({line.item_id for line in stored.value.lines} - {line.item_id for line in revised.value.lines})
        return [revised]

    (revised,) = _edit_orders(context, work, removed_item_ids=removed)
    return DetailedOrder(revised)


def move_order(
    context: RequestContext,
    order_id: str,
    to: OrderStatus,
    reason: str | None = None,
    expected_delivery_date: dt.date | None = None,
) -> DetailedOrder:
    """Move the order to another status; honours If-Match."""
    settings = SettingsStore(context.tenant).get().value

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        stored = PurchaseOrders(context.tenant).get(order_id, edit.transaction)
        context.expected_version.check(stored.version)
        before = stored.value
        after = before.moved(to, context.now, context.user_id, reason, expected_delivery_date)
        if to is OrderStatus.RECEIVED:
            rest = before.rest(context.now, context.user_id, reason)
            return [record_receipt(edit, context, settings, before, after, rest)]
        return [record_move(edit, context, before, after)]

    receipt_ids = [f"{order_id}-rest"] if to is OrderStatus.RECEIVED else []
    (moved,) = _edit_orders(context, work, receipt_ids)
    return _detailed(context, moved)


def receive_goods(context: RequestContext, order_id: str, receipt: Receipt) -> DetailedOrder:
    """Record a receipt, at the order's location unless it names one; one that is recorded already changes nothing."""
    settings = SettingsStore(context.tenant).get().value

    def work(edit: CatalogEdit) -> list[Versioned[PurchaseOrder]]:
        before = PurchaseOrders(context.tenant).get(order_id, edit.transaction).value
        if context.repeatable and Receipts(context.tenant).exists(order_id, receipt.id, edit.transaction):
            return []
        arrived = replace(receipt, location_id=receipt.location_id or before.location_id)
        after = before.received(arrived, settings.over_receipt_tolerance)
        check_location(edit, context.tenant, receipt.location_id)
        return [record_receipt(edit, context, settings, before, after, arrived)]

    changed = _edit_orders(context, work, [receipt.id])
    return _detailed(context, changed[0]) if changed else order(context, order_id)


def _items_found(tenant: Tenant, search: str) -> frozenset[str]:
    """The items that the product list finds by this."""
    catalog = catalog_or_none(tenant)
    if catalog is None:
        return frozenset()
    rows = product_rows(catalog, ProductFilter(search=search), (), columns=("item_id",))
    return frozenset(rows["item_id"])


def _destination(tenant: Tenant, order: PurchaseOrder) -> Location | None:
    """Where the order is to arrive; None when it says nothing, or the location is there no more."""
    if order.location_id is None:
        return None
    try:
        return Locations(tenant).get(order.location_id).value
    except NotFound:
        return None


def _with_location(context: RequestContext, placement: Placement) -> Placement:
    """The placement at the location that it names, else at the client's default one."""
    if placement.location_id is not None:
        return placement
    return replace(placement, location_id=Locations(context.tenant).default_id())


def _detailed(context: RequestContext, order: Versioned[PurchaseOrder]) -> DetailedOrder:
    """With the receipts that this version of the order has: a later one may have more."""
    receipts = Receipts(context.tenant).newest(order.value.id, order.value.receipt_count, _SHOWN_RECEIPTS)
    return DetailedOrder(order, receipts)


def _edit_orders(
    context: RequestContext,
    work: Callable[[CatalogEdit], list[Versioned[PurchaseOrder]]],
    receipt_ids: Sequence[str] = (),
    removed_item_ids: Collection[str] = (),
) -> list[Versioned[PurchaseOrder]]:
    """Run `work` as an edit; the orders that it changed, and the receipts that it added to them, are exported to
    BigQuery by a task of the same transaction; so are items that it took from a pending order, once `work` is done."""
    entry_id, client_id = uuid.uuid4().hex, context.tenant.client_id

    def edit_and_export(edit: CatalogEdit) -> tuple[list[Versioned[PurchaseOrder]], OutboxEntry | None]:
        changed = work(edit)
        if not changed:
            return changed, None
        entry = OutboxEntry(
            id=entry_id,
            client_id=client_id,
            function="purchase-orders",
            path="/internal/export-events",
            body={
                "client_id": client_id,
                "order_ids": [order.value.id for order in changed],
                "receipt_ids": list(receipt_ids),
                "removed_item_ids": sorted(removed_item_ids),
            },
            created_at=context.now,
        )
        Outbox(context.tenant).add(edit.transaction, entry)
        return changed, entry

    changed, entry = edit_catalog(context.tenant, edit_and_export)
    deliver(context.config, entry)
    return changed
