"""Order planning: what to order, and the cart that it goes into. A change is a transaction on the cart's document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from functions.order_planning.cart_view import cart_view, line_view
from functions.order_planning.schemas import (
    AddedSuggestions,
    BudgetView,
    CartChange,
    CartLineView,
    CartView,
    ChosenItem,
    Skipped,
    Suggestions,
)
from functions.order_planning.selection import (
    AskedQuantity,
    Limits,
    SuggestionFilter,
    first,
    orders,
    why_left_out,
    why_not,
    with_quantities,
    within_limits,
)
from functions.order_planning.suggestions import suggestions
from functions.order_planning.terms import condition_of
from shared.catalog.live import Catalog, current_catalog
from shared.domain.errors import InvalidField, InvalidLines
from shared.domain.planning.budget import BudgetUse
from shared.domain.planning.recommendation import (
    ORDERING,
    RecommendationKey,
    RecommendationNotFound,
    RecommendsNoOrder,
)
from shared.domain.purchasing.cart import MAX_CART_LINES, CartLine, Pair
from shared.domain.purchasing.line_errors import duplicate_error
from shared.domain.purchasing.order_quantity import quantity_error, smallest_order
from shared.domain.purchasing.product import Condition
from shared.firestore.carts import Carts
from shared.firestore.transaction import Transaction
from shared.request_context import RequestContext

# As many as can be chosen. A catalog without suppliers would else make an answer that no document can keep.
_SHOWN = MAX_CART_LINES


@dataclass(frozen=True)
class Chosen:
    """The items that were chosen, and how much of those that are not to be ordered as suggested."""

    item_ids: list[str]
    quantities: Mapping[str, AskedQuantity]


@dataclass(frozen=True)
class _Choice:
    """Of the items that were chosen: who is suggested, with supplier and quantity, and why the others are not."""

    suggested: dict[Pair, Decimal]
    left_out: dict[str, str]
    budget: BudgetUse | None


def current_suggestions(
    context: RequestContext, narrowed: SuggestionFilter, limits: Limits, page: int, page_size: int, *, with_cart: bool
) -> Suggestions:
    """A page of what to order now; `with_cart` marks what is in the caller's cart already."""
    catalog = current_catalog(context.tenant)
    cart = Carts(context.tenant).get(context.user_id) if with_cart else None
    in_cart = set() if cart is None else {line.item_id for line in cart.lines}
    return suggestions(catalog, narrowed, limits, in_cart, page, page_size)


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


def chosen(items: Sequence[ChosenItem] | None, recommendations: Sequence[str] | None) -> Chosen | None:
    """The items that were chosen by themselves or by their recommendations; None: neither was given.

    Raises Invalid for what is no id of a recommendation, for recommendations that order nothing, and for an item that
    is named again where a quantity is given of it.
    """
    if items is None and recommendations is None:
        return None
    wrong: list[InvalidField] = []
    item_ids = [item.item_id for item in items or ()]
    asked = {
        item.item_id: AskedQuantity(item.quantity, f"/items/{number}/quantity")
        for number, item in enumerate(items or ())
        if item.quantity is not None
    }
    named: set[str] = set()
    for number, item_id in enumerate(item_ids):
        if item_id in named and item_id in asked:
            wrong.append(duplicate_error(item_id, f"/items/{number}"))
        named.add(item_id)
    for number, text in enumerate(recommendations or ()):
        pointer = f"/recommendations/{number}"
        try:
            key = RecommendationKey.parse(text)
        except RecommendationNotFound as error:
            wrong.append(error.at(pointer))
            continue
        if key.type not in ORDERING:
            names = " and ".join(kind.value for kind in ORDERING)
            wrong.append(RecommendsNoOrder(pointer, f"{text!r} orders nothing; {names} can be put into the cart"))
        item_ids.append(key.item_id)
    if wrong:
        raise InvalidLines(wrong)
    return Chosen(list(dict.fromkeys(item_ids)), asked)


def add_suggestions(
    context: RequestContext, narrowed: SuggestionFilter, limits: Limits, asked: Chosen | None
) -> AddedSuggestions:
    """Put all current suggestions within the limits, or those of these items, in the cart at once; says what became of
    each.

    An item that is in the cart already, from whichever supplier, stays as it is: it is not to be ordered twice. Raises
    Invalid naming every quantity that the supplier does not sell.
    """
    carts = Carts(context.tenant)

    def work(transaction: Transaction) -> AddedSuggestions:
        cart = carts.get(context.user_id, transaction)
        # Looked at after the cart: what was ordered from it until now is no suggestion any more, and an order that
        # takes lines out of it from now on makes this run again.
        catalog = current_catalog(context.tenant)
        choice = _choice(catalog, narrowed, limits, asked)
        in_cart = {line.item_id for line in cart.lines}
        additions = [
            CartLine(item_id, supplier_id, quantity, context.now)
            for (item_id, supplier_id), quantity in choice.suggested.items()
            if item_id not in in_cart
        ]
        if additions:
            carts.put(transaction, cart.with_new(additions))
        skipped = list(choice.left_out.items())
        return AddedSuggestions(
            added=len(additions),
            already_in_cart=len(choice.suggested) - len(additions),
            skipped=[Skipped(item_id=item_id, reason=reason) for item_id, reason in skipped[:_SHOWN]],
            total_skipped=len(skipped),
            budget=None if choice.budget is None else BudgetView.of(choice.budget),
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


def _choice(catalog: Catalog, narrowed: SuggestionFilter, limits: Limits, asked: Chosen | None) -> _Choice:
    """All suggestions, or those of these items, within the limits; and why the others that were asked for are not."""
    ranked = orders(catalog, narrowed)
    if asked is None:
        wanted: Sequence[str] = first(ranked, limits.top)["item_id"].to_list()
    else:
        wanted = asked.item_ids
        ranked = with_quantities(ranked.filter(pl.col("item_id").is_in(list(wanted))), asked.quantities)
    selection = within_limits(ranked, limits)
    rows = selection.rows.select("item_id", "supplier_id", "reorder_quantity").iter_rows()
    suggested = {(item_id, supplier): quantity for item_id, supplier, quantity in rows if supplier is not None}
    added = {item_id for item_id, _ in suggested}
    left_out = [item_id for item_id in wanted if item_id not in added]
    reasons = why_left_out(ranked, limits, selection)
    reasons |= why_not(catalog, narrowed, [item_id for item_id in left_out if item_id not in reasons])
    return _Choice(suggested, {item_id: reasons[item_id] for item_id in left_out}, selection.budget)


def _check(quantity: Decimal, condition: Condition) -> None:
    error = quantity_error(quantity, condition, "/quantity")
    if error is not None:
        raise InvalidLines([error])


def _change(line: CartLineView) -> CartChange:
    return CartChange(line=line, warnings=line["warnings"])
