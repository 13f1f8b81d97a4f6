"""Placing orders as part of an edit: lines checked, numbers taken, cart, catalog and audit log changed with them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.purchase_orders.announcing import announce_placed
from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import AuditAction
from shared.domain.errors import InvalidField, InvalidLines
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.cart import Cart, CartEmpty, TooManyLines
from shared.domain.purchasing.order_request import RequestedLine, order_line, repeated_line_errors, request_errors
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.purchasing.purchase_order import OrderHeader, OrderLine, PurchaseOrder, placed_order, po_number
from shared.domain.purchasing.supplier import Supplier, SupplierNotFound
from shared.firestore.audit import AuditLog
from shared.firestore.carts import Carts
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.products import Products
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

MAX_CART_ORDER_LINES = 1000


@dataclass(frozen=True)
class Placement:
    """What the orders of one request have in common. `location_id` None: nobody says where they go."""

    location_id: str | None = None
    shipping_method: str | None = None
    shipping_unit: str | None = None
    notes: str | None = None
    expected_delivery_date: dt.date | None = None


@dataclass(frozen=True)
class Recipient:
    """Whom an order is placed with, and the id that the order gets."""

    order_id: str
    supplier: Supplier


def place_orders(
    edit: CatalogEdit,
    context: RequestContext,
    placement: Placement,
    recipients: Sequence[Recipient],
    requested: Sequence[RequestedLine],
) -> list[Versioned[PurchaseOrder]]:
    """Place an order with each recipient, of the requested lines of its supplier.

    Raises Invalid naming everything that is wrong with any line.
    """
    order_date, currency = context.today, context.client.currency
    lines_of = checked_lines(edit, context.tenant, requested)
    check_location(edit, context.tenant, placement.location_id)
    # The last of the reads: everybody who orders waits for this document.
    first_number = PurchaseOrders(context.tenant).next_number(edit.transaction, order_date.year, len(recipients))
    placed = []
    for number, recipient in enumerate(recipients, first_number):
        supplier = recipient.supplier
        header = OrderHeader(
            id=recipient.order_id,
            po_number=po_number(order_date.year, number),
            supplier_id=supplier.supplier_id,
            supplier_name=supplier.name,
            location_id=placement.location_id,
            currency=currency,
            order_date=order_date,
            shipping_method=placement.shipping_method,
            shipping_unit=placement.shipping_unit,
            notes=placement.notes,
        )
        lines = lines_of[supplier.supplier_id]
        order = placed_order(header, lines, context.user_id, context.now, placement.expected_delivery_date)
        placed.append(_write(edit, context, order))
    return placed


def checked_lines(edit: CatalogEdit, tenant: Tenant, requested: Sequence[RequestedLine]) -> dict[str, list[OrderLine]]:
    """The lines of an order with each supplier; their items are loaded into the edit.

    Raises Invalid naming everything that is wrong with any line.
    """
    edit.load(*(line.item_id for line in requested))
    conditions = Conditions(tenant).get_many(line.pair for line in requested)
    names, unknown = _product_names(edit, tenant, requested)
    products = [line for line in requested if line.item_id in names]
    wrong = [*repeated_line_errors(requested), *unknown, *request_errors(products, conditions)]
    if wrong:
        raise InvalidLines(wrong)
    lines: dict[str, list[OrderLine]] = {}
    for line in requested:
        lines.setdefault(line.supplier_id, []).append(order_line(line, conditions[line.pair], names[line.item_id]))
    return lines


def suppliers_at(tenant: Tenant, pointers: Mapping[str, str]) -> dict[str, Supplier]:
    """The suppliers whose ids are the keys; raises Invalid naming the missing ones at their pointers."""
    suppliers = Suppliers(tenant).get_many(pointers)
    missing = [
        SupplierNotFound(supplier_id).at(pointer)
        for supplier_id, pointer in pointers.items()
        if supplier_id not in suppliers
    ]
    if missing:
        raise InvalidLines(missing)
    return suppliers


def check_location(edit: CatalogEdit, tenant: Tenant, location_id: str | None) -> None:
    """Raises Invalid for a location that there is not; one that there is stays until the edit is committed."""
    if location_id is not None and not Locations(tenant).exists(location_id, edit.transaction):
        raise LocationNotFound(location_id).at("/location_id")


def cart_lines(cart: Cart, supplier_ids: Sequence[str] | None) -> list[RequestedLine]:
    """The lines of the cart, or those of some suppliers, as they are to be ordered.

    Raises Conflict `cart_empty`, and Invalid `too_many_lines`.
    """
    lines = [line for line in cart.lines if supplier_ids is None or line.supplier_id in supplier_ids]
    if not lines:
        of = "" if supplier_ids is None else f" of {', '.join(repr(supplier_id) for supplier_id in supplier_ids)}"
        raise CartEmpty(f"no lines{of} in your cart to order")
    if len(lines) > MAX_CART_ORDER_LINES:
        raise TooManyLines(
            f"{len(lines):,} lines in your cart, and one request orders up to {MAX_CART_ORDER_LINES:,}: name some "
            "suppliers in supplier_ids"
        )
    return [
        RequestedLine(line.item_id, line.supplier_id, line.quantity, cart_pointer(line.supplier_id, line.item_id))
        for line in lines
    ]


def cart_pointer(*parts: str) -> str:
    """A JSON pointer into the cart as {supplier_id: {item_id: line}}."""
    return "/".join(("/cart", *(part.replace("~", "~0").replace("/", "~1") for part in parts)))


def order_id_of(request_id: str, supplier_id: str) -> str:
    """The id of the order that a request places with a supplier: the same when the request is repeated."""
    return f"{request_id}-{hashlib.sha256(supplier_id.encode()).hexdigest()[:12]}"


def take_from_cart(edit: CatalogEdit, context: RequestContext, requested: Sequence[RequestedLine]) -> None:
    """Remove what was ordered from the caller's cart, if it was in it."""
    carts, pairs = Carts(context.tenant), {line.pair for line in requested}
    if carts.get(context.user_id).pairs.isdisjoint(pairs):
        return  # nothing of it, so nothing that this order depends on
    carts.put(edit.transaction, carts.get(context.user_id, edit.transaction).without(pairs))


def _write(edit: CatalogEdit, context: RequestContext, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
    edit.set_order_lines(order.id, order.open_lines())
    names = ("po_number", "supplier_id", "location_id", "total_amount", "shipping_method", "shipping_unit", "notes")
    after = {name: getattr(order, name) for name in names}
    after |= {"status": order.status.value, "items": {line.item_id: line.quantity for line in order.lines}}
    AuditLog(context.tenant, context.config).add(
        edit.transaction, context.actor, AuditAction.ORDER_CREATED, order.id, after=after
    )
    announce_placed(edit, context.tenant, order)
    return PurchaseOrders(context.tenant).place(edit.transaction, order)


def _product_names(
    edit: CatalogEdit, tenant: Tenant, requested: Sequence[RequestedLine]
) -> tuple[dict[str, str], list[InvalidField]]:
    """The name of each item, and an error for each line of an item that is no product."""
    names, errors = {}, []
    for line in requested:
        row = edit.row(line.item_id)
        try:
            # One that was imported after the last refresh is a product, but not in the catalog yet.
            names[line.item_id] = row["product_name"] if row else Products(tenant).get(line.item_id).value.product_name
        except ProductNotFound as error:
            errors.append(error.at(f"{line.pointer}/item_id"))
    return names, errors
