"""Placing orders as part of an edit: lines checked, numbers taken, cart, catalog and audit log changed with them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.catalog.edit import CatalogEdit
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.access.client import Client
from shared.domain.errors import InvalidField, InvalidLines
from shared.domain.location import LocationNotFound
from shared.domain.purchasing.cart import Cart, CartEmpty, TooManyLines
from shared.domain.purchasing.order_request import RequestedLine, order_line, request_errors
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.purchasing.purchase_order import PurchaseOrder, placed_order, po_number
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

MAX_CART_ORDER_LINES = 1000


@dataclass(frozen=True)
class Placement:
    """What the orders of one request have in common. Dates are the client's."""

    actor: Actor
    client: Client
    location_id: str | None
    note: str | None
    expected_delivery_date: dt.date | None = None

    @property
    def order_date(self) -> dt.date:
        return self.client.today(self.actor.at)


def place_orders(
    edit: CatalogEdit,
    tenant: Tenant,
    placement: Placement,
    requested: Sequence[RequestedLine],
    suppliers: Mapping[str, Supplier],
    order_ids: Mapping[str, str],
    errors: Sequence[InvalidField] = (),
) -> list[Versioned[PurchaseOrder]]:
    """Place an order with each supplier of `order_ids`, under its id in there.

    Raises Invalid naming everything that is wrong with any line, `errors` that are known already included.
    """
    edit.load(*(one.item_id for one in requested))
    conditions = Conditions(tenant).get_many(one.pair for one in requested)
    names, unknown = _product_names(edit, tenant, requested)
    wrong = [*errors, *unknown, *request_errors([one for one in requested if one.item_id in names], conditions)]
    if wrong:
        raise InvalidLines(wrong)
    check_location(edit, tenant, placement.location_id)
    # The last of the reads: everybody who orders waits for this document.
    year = placement.order_date.year
    first_number = PurchaseOrders(tenant).next_number(edit.transaction, year, len(order_ids))
    placed = []
    for number, (supplier_id, order_id) in enumerate(order_ids.items(), first_number):
        lines = [
            order_line(one, conditions[one.pair], names[one.item_id])
            for one in requested
            if one.supplier_id == supplier_id
        ]
        order = placed_order(
            order_id=order_id,
            po_number=po_number(year, number),
            supplier_id=supplier_id,
            supplier_name=suppliers[supplier_id].name,
            location_id=placement.location_id,
            currency=placement.client.currency,
            order_date=placement.order_date,
            lines=lines,
            by=placement.actor.user_id,
            at=placement.actor.at,
            expected_delivery_date=placement.expected_delivery_date,
            note=placement.note,
        )
        placed.append(_write(edit, tenant, placement.actor, order))
    return placed


def suppliers_at(tenant: Tenant, pointers: Mapping[str, str]) -> dict[str, Supplier]:
    """The suppliers whose ids are the keys; raises Invalid naming the missing ones at their pointers."""
    found = Suppliers(tenant).get_many(pointers)
    missing = [
        SupplierNotFound(supplier_id).at(pointer)
        for supplier_id, pointer in pointers.items()
        if supplier_id not in found
    ]
    if missing:
        raise InvalidLines(missing)
    return found


def check_location(edit: CatalogEdit, tenant: Tenant, location_id: str | None) -> None:
    """Raises Invalid for a location that there is not; one that there is stays until the edit is committed."""
    if location_id is not None and not Locations(tenant).exists(location_id, edit.transaction):
        raise LocationNotFound(location_id).at("/location_id")


def cart_lines(cart: Cart, supplier_ids: Sequence[str] | None) -> list[RequestedLine]:
    """The lines of the cart, or those of some suppliers, as they are to be ordered.

    Raises Conflict `cart_empty`, and Invalid `too_many_lines`.
    """
    wanted = [one for one in cart.lines if supplier_ids is None or one.supplier_id in supplier_ids]
    if not wanted:
        of = "" if supplier_ids is None else f" of {', '.join(repr(one) for one in supplier_ids)}"
        raise CartEmpty(f"no lines{of} in your cart to order")
    if len(wanted) > MAX_CART_ORDER_LINES:
        raise TooManyLines(
            f"{len(wanted):,} lines in your cart, and one request orders up to {MAX_CART_ORDER_LINES:,}: name some "
            "suppliers in supplier_ids"
        )
    return [
        RequestedLine(one.item_id, one.supplier_id, one.quantity, cart_pointer(one.supplier_id, one.item_id))
        for one in wanted
    ]


def cart_pointer(*parts: str) -> str:
    """A JSON pointer into the cart as {supplier_id: {item_id: line}}."""
    return "/".join(("/cart", *(part.replace("~", "~0").replace("/", "~1") for part in parts)))


def order_id_of(request_id: str, supplier_id: str) -> str:
    """The id of the order that a request places with a supplier: the same when the request is repeated."""
    return f"{request_id}-{hashlib.sha256(supplier_id.encode()).hexdigest()[:12]}"


def take_from_cart(edit: CatalogEdit, tenant: Tenant, user_id: str, requested: Sequence[RequestedLine]) -> None:
    """Remove what was ordered from the user's cart, if it was in it."""
    carts, pairs = Carts(tenant), {one.pair for one in requested}
    if carts.get(user_id).pairs.isdisjoint(pairs):
        return  # nothing of it, so nothing that this order depends on
    carts.put(edit.transaction, carts.get(user_id, edit.transaction).without(pairs))


def _write(edit: CatalogEdit, tenant: Tenant, actor: Actor, order: PurchaseOrder) -> Versioned[PurchaseOrder]:
    edit.set_order_lines(order.id, order.open_lines())
    after = {name: getattr(order, name) for name in ("po_number", "supplier_id", "location_id", "total", "note")}
    after |= {"status": order.status.value, "items": {line.item_id: line.quantity for line in order.lines}}
    AuditLog(tenant).add(edit.transaction, actor, AuditAction.ORDER_CREATED, order.id, after=after)
    return PurchaseOrders(tenant).put(edit.transaction, order)


def _product_names(
    edit: CatalogEdit, tenant: Tenant, requested: Sequence[RequestedLine]
) -> tuple[dict[str, str], list[InvalidField]]:
    """The name of each item, and an error for each line of an item that is no product."""
    names, errors = {}, []
    for one in requested:
        row = edit.row(one.item_id)
        try:
            # One that was imported after the last refresh is a product, but not in the catalog yet.
            names[one.item_id] = row["product_name"] if row else Products(tenant).get(one.item_id)[0].product_name
        except ProductNotFound as error:
            errors.append(error.at(f"{one.pointer}/item_id"))
    return names, errors
