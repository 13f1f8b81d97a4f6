"""Tools about the caller's cart: what is in it, and what may be put into it, taken out and ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from shared.domain.access.abilities import Ability
from shared.domain.purchasing.order_quantity import MAX_QUANTITY, packs
from shared.tools.call import ApiCall, encoded, get, query_values
from shared.tools.planning_tools import (
    SUGGESTION_COLUMNS,
    SuggestionConditions,
    conditions_of_suggestions,
    suggestion_rows,
    suggestions_call,
)
from shared.tools.showing import (
    ClientFacts,
    Column,
    Figure,
    Kind,
    Link,
    Shown,
    counted,
    figure,
    listed,
    name,
    order_href,
    orders_page,
    planning_page,
    product_href,
    quantity,
    table,
)
from shared.tools.tool import MAX_ROWS, Arguments, NothingToDo, Plan, ReadingTool, WritingTool

_CART = Link("Cart", "/cart")
_COLUMNS = (
    Column("product_name", "Product"),
    Column("item_id", "Item"),
    Column("supplier_name", "Supplier"),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("total_price", "Cost", Kind.MONEY),
)


class NoArguments(Arguments):
    pass


class NewLine(Arguments):
    item_id: Annotated[str, Field(min_length=1, max_length=500, description="The product's item_id.")]
    supplier_id: Annotated[
        str | None, Field(max_length=200, description="From this supplier; default: the primary one, else the fastest.")
    ] = None
    quantity: Annotated[
        Decimal | None,
        Field(gt=0, le=MAX_QUANTITY, decimal_places=3, description="Units; default: the least that is sold."),
    ] = None


class CartLine(Arguments):
    item_id: Annotated[str, Field(min_length=1, max_length=500, description="The product's item_id.")]
    supplier_id: Annotated[str | None, Field(max_length=200, description="Where two lines share the item.")] = None


class PlacedCart(Arguments):
    supplier_id: Annotated[str | None, Field(max_length=200, description="The lines of this supplier alone.")] = None


def cart_lines(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of all suppliers."""
    return [line for group in content["groups"] for line in group["lines"]]


def _get_cart(_: Arguments) -> ApiCall:
    return get("/order-planning/cart")


def _show_cart(_: NoArguments, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    lines = cart_lines(content)
    figures = _totals(lines, content["totals"]["cost"], client)
    if not lines:
        return Shown("Your cart is empty.", figures, links=(_CART, planning_page()))
    groups = [
        f"{name(group['supplier_name'] or group['supplier_id'])} ({counted(len(group['lines']), 'line')})"
        for group in content["groups"]
    ]
    sentence = f"{counted(len(lines), 'line')} for {figures[1].text}, from {listed(groups)}."
    short = [group for group in content["groups"] if group["shortfall"] > 0]
    if short:
        named = [
            f"{name(group['supplier_name'] or group['supplier_id'])} by "
            f"{figure('', group['shortfall'], Kind.MONEY, client).text}"
            for group in short
        ]
        sentence += f" Below the minimum order value: {listed(named)}."
    wrong = [line for line in lines if line["error"]]
    if wrong:
        sentence += f" {counted(len(wrong), 'line')} cannot be ordered: {name(wrong[0]['error']['detail'])}."
    return Shown(sentence, figures, _table(lines), (_CART,))


def _table(lines: Sequence[Mapping[str, Any]], columns: Sequence[Column] = _COLUMNS) -> Any:
    return table(columns, lines, [product_href(line["item_id"]) for line in lines], len(lines))


def _totals(lines: Sequence[Mapping[str, Any]], cost: Any, client: ClientFacts) -> tuple[Figure, Figure]:
    return figure("Lines", len(lines), Kind.COUNT, client), figure("Cost", cost, Kind.MONEY, client)


def _exact(lines: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What of the lines must be as it was shown when the plan is carried out."""
    fields = ("item_id", "supplier_id", "quantity", "total_price")
    return tuple("\0".join(str(line[field]) for field in fields) for line in lines)


def _plan_suggestions(given: SuggestionConditions, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    rows = suggestion_rows(content)
    new = [row for row in rows if not row["in_cart"] and row["supplier_id"] is not None]
    narrowed = conditions_of_suggestions(given, content, client)
    if not new:
        already = " that is not in your cart already" if any(row["in_cart"] for row in rows) else ""
        raise NothingToDo(f"Nothing is to be ordered now{already}{narrowed}.")
    conditions = given.model_dump(exclude_none=True, mode="json", exclude={"budget"})
    if given.budget is not None:
        conditions["budget"] = given.budget
    whole = content["total"] <= len(rows)
    if whole:
        conditions["items"] = [{"item_id": row["item_id"]} for row in new]
        conditions.pop("top", None)
    totals = content["totals"]
    cost = sum((row["total_price"] for row in new), Decimal(0)) if whole else totals["cost"]
    lines = len(new) if whole else totals["lines"]
    figures = (
        figure("Lines", lines, Kind.COUNT, client),
        figure("Cost", cost, Kind.MONEY, client),
        figure("Sales at risk", totals["sales_at_risk"], Kind.MONEY, client),
    )
    return Plan(
        f"Put {counted(lines, 'suggested line')}{narrowed} into your cart, for {figures[1].text}. Nothing is ordered "
        "before you place the cart's orders.",
        (ApiCall("POST", "/order-planning/cart/add-suggestions", body=conditions),),
        f"{counted(lines, 'line')} for {figures[1].text} put into your cart.",
        figures,
        _table(new, SUGGESTION_COLUMNS),
        (_CART, planning_page(supplier_id=given.supplier_id, budget=given.budget, min_risk=given.min_risk)),
        (*_exact(new), str(totals["lines"]), str(totals["cost"])),
    )


def _plan_line(given: NewLine, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    offers = content["items"]
    if given.supplier_id is not None:
        offers = [offer for offer in offers if offer["supplier_id"] == given.supplier_id]
    if not offers:
        whose = "This supplier does not sell it" if given.supplier_id else "No supplier is linked to it"
        raise NothingToDo(f"{whose}, so it cannot be ordered.")
    offer = min(offers, key=lambda each: (not each["is_primary"], each["lead_time_days"], each["supplier_id"]))
    pack = Decimal(offer["packaging_qty"])
    least = packs(max(Decimal(offer["moq"]), pack), pack)
    units = least if given.quantity is None else given.quantity
    if units < least or packs(units, pack) != units:
        valid = max(least, packs(units, pack))
        raise NothingToDo(
            f"{name(offer['supplier_name'])} sells it from {quantity(least)} on, in packs of {quantity(pack)}: "
            f"{quantity(units)} cannot be ordered, {quantity(valid)} can."
        )
    line = {
        "item_id": given.item_id,
        "supplier_id": offer["supplier_id"],
        "supplier_name": offer["supplier_name"],
        "quantity": units,
        "total_price": round(units * offer["supplier_cost"], 2),
    }
    cost = figure("Cost", line["total_price"], Kind.MONEY, client)
    words = f"{quantity(units)} of {name(given.item_id)} from {name(offer['supplier_name'])}"
    body = {"item_id": given.item_id, "supplier_id": offer["supplier_id"], "quantity": units}
    return Plan(
        f"Put {words} into your cart, for {cost.text}.",
        (ApiCall("POST", "/order-planning/cart/add", body=body),),
        f"{words} put into your cart.",
        (figure("Lines", 1, Kind.COUNT, client), cost),
        _table([line], _COLUMNS[1:]),
        (_CART, Link(name(given.item_id), product_href(given.item_id))),
        _exact([line]),
    )


def _plan_removal(given: CartLine, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    lines = [
        line
        for line in cart_lines(content)
        if line["item_id"] == given.item_id and given.supplier_id in (None, line["supplier_id"])
    ]
    if not lines:
        raise NothingToDo("That is not in your cart.")
    title = name(lines[0]["product_name"] or given.item_id)
    return Plan(
        f"Take {title} out of your cart.",
        tuple(
            ApiCall(
                "DELETE",
                f"/order-planning/cart/{encoded(given.item_id)}",
                query_values({"supplier_id": line["supplier_id"]}),
            )
            for line in lines
        ),
        f"{title} taken out of your cart.",
        _totals(lines, sum((line["total_price"] or 0 for line in lines), Decimal(0)), client),
        _table(lines),
        (_CART,),
        _exact(lines),
    )


def _plan_clearing(_: NoArguments, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    lines = cart_lines(content)
    if not lines:
        raise NothingToDo("Your cart is empty.")
    figures = _totals(lines, content["totals"]["cost"], client)
    return Plan(
        f"Empty your cart: take out {counted(len(lines), 'line')} for {figures[1].text}.",
        (ApiCall("POST", "/order-planning/cart/clear"),),
        "Your cart is empty.",
        figures,
        _table(lines),
        (_CART,),
        _exact(lines),
    )


def _plan_orders(given: PlacedCart, content: Mapping[str, Any], client: ClientFacts) -> Plan:
    groups = [group for group in content["groups"] if given.supplier_id in (None, group["supplier_id"])]
    lines = [line for group in groups for line in group["lines"]]
    if not lines:
        of_supplier = " of that supplier" if given.supplier_id is not None else ""
        raise NothingToDo(f"There is nothing{of_supplier} in your cart to order.")
    wrong = [line for line in lines if line["error"]]
    if wrong:
        raise NothingToDo(f"{counted(len(wrong), 'line')} cannot be ordered: {name(wrong[0]['error']['detail'])}.")
    cost = sum((group["total_cost"] for group in groups), Decimal(0))
    figures = (figure("Orders", len(groups), Kind.COUNT, client), *_totals(lines, cost, client))
    names = listed([name(group["supplier_name"] or group["supplier_id"]) for group in groups])
    summary = (
        f"Place {counted(len(groups), 'order')} with {names}: {counted(len(lines), 'line')} for {figures[2].text}."
    )
    short = [name(group["supplier_name"] or group["supplier_id"]) for group in groups if group["shortfall"] > 0]
    if short:
        summary += f" Below the minimum order value: {listed(short)}."
    # Named one by one, so that nothing is ordered of a supplier that has come into the cart since.
    body = {"supplier_ids": [group["supplier_id"] for group in groups]}
    return Plan(
        summary,
        (ApiCall("POST", "/purchase-orders/from-cart", body=body),),
        f"{counted(len(groups), 'order')} for {figures[2].text} placed.",
        figures,
        _table(lines),
        (_CART, orders_page()),
        _exact(lines),
    )


def _added(plan: Plan, answers: Sequence[Any], client: ClientFacts) -> Shown:
    added, there = answers[0]["added"], answers[0]["already_in_cart"]
    sentence = f"{counted(added, 'line')} put into your cart."
    if there:
        sentence += f" {counted(there, 'line')} {'was' if there == 1 else 'were'} there already."
    return Shown(sentence, plan.figures, plan.table, (_CART,))


def _placed(plan: Plan, answers: Sequence[Any], client: ClientFacts) -> Shown:
    orders = answers[0]["orders"]
    parts = [
        f"{order['po_number']} with {name(order['supplier_name'])} for "
        f"{figure('', order['total_amount'], Kind.MONEY, client).text}"
        for order in orders
    ]
    links = tuple(Link(order["po_number"], order_href(order["id"])) for order in orders)
    return Shown(f"Placed {listed(parts)}.", plan.figures, plan.table, links)


CART = ReadingTool(
    "cart", "The caller's own cart: its lines by supplier, and what they cost.", NoArguments, _get_cart, _show_cart
)
ADD_SUGGESTIONS = WritingTool(
    "add_suggestions_to_cart",
    "Draft an order: put suggested orders into the caller's cart, all or those of a supplier, category, location or "
    "risk, the first so many, or what a budget buys. Has to be confirmed.",
    SuggestionConditions,
    Ability.ORDER,
    lambda given: suggestions_call(given, MAX_ROWS),
    _plan_suggestions,
    _added,
)
ADD_LINE = WritingTool(
    "add_to_cart",
    "Put one product into the caller's cart. Has to be confirmed.",
    NewLine,
    Ability.ORDER,
    lambda given: get(f"/products/{encoded(given.item_id)}/suppliers", page_size=50),
    _plan_line,
)
REMOVE_LINE = WritingTool(
    "remove_from_cart",
    "Take a product out of the caller's cart. Has to be confirmed.",
    CartLine,
    Ability.ORDER,
    _get_cart,
    _plan_removal,
)
CLEAR_CART = WritingTool(
    "clear_cart",
    "Empty the caller's cart. Has to be confirmed.",
    NoArguments,
    Ability.ORDER,
    _get_cart,
    _plan_clearing,
)
PLACE_ORDERS = WritingTool(
    "place_cart_orders",
    "Order what is in the caller's cart, an order for each supplier, or of one supplier alone. Has to be confirmed.",
    PlacedCart,
    Ability.ORDER,
    _get_cart,
    _plan_orders,
    _placed,
)
READING_TOOLS = (CART,)
WRITING_TOOLS = (ADD_SUGGESTIONS, ADD_LINE, REMOVE_LINE, CLEAR_CART, PLACE_ORDERS)
