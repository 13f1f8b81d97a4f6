"""Order planning: what to order, and the cart that it goes into. A change is a transaction on the cart's document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from functions.order_planning.cart_view import cart_view, line_view
from functions.order_planning.schemas import AddedSuggestions, CartChange, CartLineView, CartView, Skipped, Suggestions
from functions.order_planning.suggestions import SuggestionFilter, suggested_rows, suggestions, why_not
from functions.order_planning.terms import condition_of
from shared.catalog.live import Catalog, current_catalog
from shared.domain.errors import InvalidLines
from shared.domain.purchasing.cart import MAX_CART_LINES, CartLine, Pair
from shared.domain.purchasing.order_quantity import quantity_error, smallest_order
from shared.domain.purchasing.product import Condition
from shared.firestore.carts import Carts
from shared.firestore.transaction import Transaction
from shared.request_context import RequestContext

# As many as can be chosen. A catalog without suppliers would else make an answer that no document can keep.
_SHOWN = MAX_CART_LINES


@dataclass(frozen=True)
class _Choice:
    """Of the items that were chosen: who is suggested, with supplier and quantity, and who is not."""

    suggested: dict[Pair, Decimal]
    left_out: list[str]


def current_suggestions(
    context: RequestContext, narrowed: SuggestionFilter, page: int, page_size: int, *, with_cart: bool
) -> Suggestions:
    """A page of what to order now; `with_cart` marks what is in the caller's cart already."""
    catalog = current_catalog(context.tenant)
    cart = Carts(context.tenant).get(context.user_id) if with_cart else None
    in_cart = set() if cart is None else {line.item_id for line in cart.lines}
    return suggestions(catalog, narrowed, in_cart, page, page_size)


def current_cart(context: RequestContext) -> tuple[CartView, str]:
    """The caller's cart and its version."""
    catalog = current_catalog(context.tenant)
    cart = Carts(context.tenant).get(context.user_id)
    return cart_view(context.tenant, catalog, cart), cart.version


def add(context: RequestContext, item_id: str, supplier_id: str, quantity: Decimal | None) -> CartChange:
    """Put so much in the cart, on top of what is there; by default the least that the supplier sells.

    A repeated request adds nothing again.
    """
    catalog, carts = current_catalog(context.tenant), Carts(context.tenant)
    terms, condition = condition_of(context.tenant, catalog, (item_id, supplier_id))
    units = smallest_order(condition) if quantity is None else quantity
    addition = CartLine(item_id, supplier_id, units, context.now)

    def work(transaction: Transaction) -> CartLine:
        changed = carts.get(context.user_id, transaction).adding(addition, context.request_id)
        line = changed.the_line(item_id, supplier_id)
        _check(line.quantity, condition)
        carts.put(transaction, changed)
        return line

    return _change(line_view(context.tenant.transact(work), terms, catalog.settings))


def add_suggestions(
    context: RequestContext, narrowed: SuggestionFilter, item_ids: Sequence[str] | None
) -> AddedSuggestions:
    """Put all current suggestions, or those of these items, in the cart at once; says what became of each.

    An item that is in the cart already, from whichever supplier, stays as it is: it is not to be ordered twice.
    """
    carts = Carts(context.tenant)

    def work(transaction: Transaction) -> AddedSuggestions:
        cart = carts.get(context.user_id, transaction)
        # Looked at after the cart: what was ordered from it until now is no suggestion any more, and an order that
        # takes lines out of it from now on makes this run again.
        catalog = current_catalog(context.tenant)
        choice = _choice(catalog, narrowed, item_ids)
        reasons = why_not(catalog, narrowed, choice.left_out[:_SHOWN])
        in_cart = {line.item_id for line in cart.lines}
        additions = [
            CartLine(item_id, supplier_id, quantity, context.now)
            for (item_id, supplier_id), quantity in choice.suggested.items()
            if item_id not in in_cart
        ]
        if additions:
            carts.put(transaction, cart.with_new(additions))
        return AddedSuggestions(
            added=len(additions),
            already_in_cart=len(choice.suggested) - len(additions),
            skipped=[Skipped(item_id=item_id, reason=reason) for item_id, reason in reasons.items()],
            total_skipped=len(choice.left_out),
        )

    return context.tenant.transact(work)


def change(context: RequestContext, item_id: str, supplier_id: str | None, quantity: Decimal) -> CartChange:
    """Order this much in a line of the cart; the version that the caller expects is the cart's."""
    catalog, carts = current_catalog(context.tenant), Carts(context.tenant)

    def work(transaction: Transaction) -> CartLineView:
        cart = carts.get(context.user_id, transaction)
        context.expected_version.check(cart.version)
        line = cart.the_line(item_id, supplier_id)
        terms, condition = condition_of(context.tenant, catalog, line.pair)
        _check(quantity, condition)
        changed = cart.changing(line.pair, quantity)
        carts.put(transaction, changed)
        return line_view(changed.the_line(*line.pair), terms, catalog.settings)

    return _change(context.tenant.transact(work))


def remove(context: RequestContext, item_id: str, supplier_id: str | None) -> None:
    """Take a line out of the cart; the version that the caller expects is the cart's."""
    carts = Carts(context.tenant)

    def work(transaction: Transaction) -> None:
        cart = carts.get(context.user_id, transaction)
        context.expected_version.check(cart.version)
        carts.put(transaction, cart.without([cart.the_line(item_id, supplier_id).pair]))

    context.tenant.transact(work)


def clear(context: RequestContext) -> None:
    """Empty the cart."""
    carts = Carts(context.tenant)

    def work(transaction: Transaction) -> None:
        cart = carts.get(context.user_id, transaction)
        if cart.lines:
            carts.put(transaction, cart.without(cart.pairs))

    context.tenant.transact(work)


def _choice(catalog: Catalog, narrowed: SuggestionFilter, item_ids: Sequence[str] | None) -> _Choice:
    """All suggestions, or those of these items; and which items have none that can be ordered."""
    rows = suggested_rows(catalog, narrowed).select("item_id", "supplier_id", "reorder_quantity")
    suggested = {item_id: (supplier_id, quantity) for item_id, supplier_id, quantity in rows.iter_rows()}
    chosen = list(suggested) if item_ids is None else list(dict.fromkeys(item_ids))
    choice = _Choice({}, [])
    for item_id in chosen:
        supplier_id, quantity = suggested.get(item_id, (None, None))
        if supplier_id is None:
            choice.left_out.append(item_id)
        else:
            choice.suggested[item_id, supplier_id] = quantity
    return choice


def _check(quantity: Decimal, condition: Condition) -> None:
    error = quantity_error(quantity, condition, "/quantity")
    if error is not None:
        raise InvalidLines([error])


def _change(line: CartLineView) -> CartChange:
    return CartChange(line=line, warnings=line["warnings"])
