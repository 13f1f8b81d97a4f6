"""Order planning: what to order, and the cart that it goes into. A change is a transaction on the cart's document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from functions.order_planning.cart_view import cart_view, line_view
from functions.order_planning.suggestions import Wanted, suggested_rows, suggestions, why_not
from functions.order_planning.terms import condition_of
from shared.catalog.live import Catalog, current_catalog
from shared.domain.errors import InvalidLines
from shared.domain.purchasing.cart import MAX_CART_LINES, CartLine
from shared.domain.purchasing.order_quantity import quantity_error, smallest_order
from shared.domain.purchasing.product import Condition
from shared.firestore.carts import Carts
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.http.etag import check_if_match

# As many as can be chosen. A catalog without suppliers would else make an answer that no document can keep.
_SHOWN = MAX_CART_LINES


def current_suggestions(tenant: Tenant, wanted: Wanted, user_id: str | None) -> dict[str, Any]:
    """What to order now. `user_id` is whose cart marks what is in it already; None: somebody without one."""
    catalog = current_catalog(tenant)
    in_cart = set() if user_id is None else {line.item_id for line in Carts(tenant).get(user_id).lines}
    return suggestions(catalog, wanted, in_cart)


def cart(tenant: Tenant, user_id: str) -> tuple[dict[str, Any], str]:
    """The user's cart and its version."""
    catalog = current_catalog(tenant)
    found = Carts(tenant).get(user_id)
    return cart_view(tenant, catalog, found), found.version


def add(
    tenant: Tenant,
    user_id: str,
    item_id: str,
    supplier_id: str,
    quantity: Decimal | None,
    now: dt.datetime,
    request_id: str | None,
) -> dict[str, Any]:
    """Put so much in the cart, on top of what is there; by default the least that the supplier sells.

    A request that is repeated under the same `request_id` adds nothing again.
    """
    catalog, carts = current_catalog(tenant), Carts(tenant)
    terms, condition = condition_of(tenant, catalog, (item_id, supplier_id))
    more = CartLine(item_id, supplier_id, smallest_order(condition) if quantity is None else quantity, now)

    def work(transaction: Transaction) -> CartLine:
        changed = carts.get(user_id, transaction).adding(more, request_id)
        line = changed.the_line(item_id, supplier_id)
        _check(line.quantity, condition)
        carts.put(transaction, changed)
        return line

    return _changed(line_view(tenant.transact(work), terms, catalog.pointer.settings))


def add_suggestions(
    tenant: Tenant, user_id: str, wanted: Wanted, item_ids: Sequence[str] | None, now: dt.datetime
) -> dict[str, Any]:
    """Put all current suggestions, or those of these items, in the cart at once; says what became of each.

    An item that is in the cart already, from whichever supplier, stays as it is: it is not to be ordered twice.
    """
    carts = Carts(tenant)

    def work(transaction: Transaction) -> dict[str, Any]:
        found = carts.get(user_id, transaction)
        # Looked at after the cart: what was ordered from it until now is no suggestion any more, and an order that
        # takes lines out of it from now on makes this run again.
        catalog = current_catalog(tenant)
        lines, left_out = _chosen(catalog, wanted, item_ids, now)
        reasons = why_not(catalog, wanted, left_out[:_SHOWN])
        there = {line.item_id for line in found.lines}
        fresh = [line for line in lines if line.item_id not in there]
        if fresh:
            carts.put(transaction, found.with_new(fresh))
        return {
            "added": len(fresh),
            "already_in_cart": len(lines) - len(fresh),
            "skipped": [{"item_id": item_id, "reason": reason} for item_id, reason in reasons.items()],
            "total_skipped": len(left_out),
        }

    return tenant.transact(work)


def change(tenant: Tenant, user_id: str, item_id: str, supplier_id: str | None, quantity: Decimal) -> dict[str, Any]:
    """Order this much in a line of the cart; honours If-Match with the ETag of the cart."""
    catalog, carts = current_catalog(tenant), Carts(tenant)

    def work(transaction: Transaction) -> dict[str, Any]:
        found = carts.get(user_id, transaction)
        check_if_match(found.version)
        line = found.the_line(item_id, supplier_id)
        terms, condition = condition_of(tenant, catalog, line.pair)
        _check(quantity, condition)
        changed = found.changing(line.pair, quantity)
        carts.put(transaction, changed)
        return line_view(changed.the_line(*line.pair), terms, catalog.pointer.settings)

    return _changed(tenant.transact(work))


def remove(tenant: Tenant, user_id: str, item_id: str, supplier_id: str | None) -> None:
    """Take a line out of the cart; honours If-Match with the ETag of the cart."""
    carts = Carts(tenant)

    def work(transaction: Transaction) -> None:
        found = carts.get(user_id, transaction)
        check_if_match(found.version)
        carts.put(transaction, found.without([found.the_line(item_id, supplier_id).pair]))

    tenant.transact(work)


def clear(tenant: Tenant, user_id: str) -> None:
    """Empty the cart."""
    carts = Carts(tenant)

    def work(transaction: Transaction) -> None:
        found = carts.get(user_id, transaction)
        if found.lines:
            carts.put(transaction, found.without(found.pairs))

    tenant.transact(work)


def _chosen(
    catalog: Catalog, wanted: Wanted, item_ids: Sequence[str] | None, now: dt.datetime
) -> tuple[list[CartLine], list[str]]:
    """The cart lines of all suggestions, or of those of these items; and which items have none."""
    rows = suggested_rows(catalog, wanted).select("item_id", "supplier_id", "reorder_quantity")
    suggested = {item_id: (supplier_id, quantity) for item_id, supplier_id, quantity in rows.iter_rows()}
    chosen = list(suggested) if item_ids is None else list(dict.fromkeys(item_ids))
    lines = [
        CartLine(item_id, supplier_id, quantity, now)
        for item_id in chosen
        for supplier_id, quantity in [suggested.get(item_id, (None, None))]
        if supplier_id is not None
    ]
    orderable = {line.item_id for line in lines}
    return lines, [item_id for item_id in chosen if item_id not in orderable]


def _check(quantity: Decimal, condition: Condition) -> None:
    wrong = quantity_error(quantity, condition, "/quantity")
    if wrong is not None:
        raise InvalidLines([wrong])


def _changed(line: dict[str, Any]) -> dict[str, Any]:
    return {"line": line, "warnings": line["warnings"]}
