"""Tools about what to do now: suggested orders, transfers and recommendations."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from shared.domain.settings import RecommendationType
from shared.tools.call import ApiCall, get
from shared.tools.showing import (
    ClientFacts,
    Column,
    Kind,
    Link,
    Shown,
    counted,
    day,
    figure,
    name,
    page,
    planning_page,
    product_href,
    table,
    written,
)
from shared.tools.tool import Arguments, Limit, ReadingTool


class SuggestionConditions(Arguments):
    """Which suggested orders are meant; conditions narrow together."""

    supplier_id: Annotated[str | None, Field(max_length=200, description="Ordered from this supplier, by id.")] = None
    category: Annotated[str | None, Field(max_length=200, description="Of this category, by name.")] = None
    location_id: Annotated[str | None, Field(max_length=200, description="That this location has a share of.")] = None
    min_risk: Annotated[float | None, Field(ge=0, le=1, description="Stockout risk of at least this.")] = None
    top: Annotated[int | None, Field(ge=1, le=2000, description="Only so many, those with most sales at risk.")] = None
    budget: Annotated[
        Decimal | None,
        Field(ge=0, le=1_000_000_000_000, decimal_places=2, description="Only what together costs no more."),
    ] = None


class SuggestionList(SuggestionConditions):
    limit: Limit = 50


class TransferList(Arguments):
    from_location_id: Annotated[str | None, Field(description="Away from this location.")] = None
    to_location_id: Annotated[str | None, Field(description="To this location.")] = None
    item_id: Annotated[str | None, Field(description="Of this product.")] = None
    category: Annotated[str | None, Field(description="Of this category.")] = None
    limit: Limit = 20


class RecommendationList(Arguments):
    type: Annotated[list[RecommendationType] | None, Field(description="Only of these types.")] = None
    location_id: Annotated[str | None, Field(description="At this location instead of all together.")] = None
    limit: Limit = 20


SUGGESTION_COLUMNS = (
    Column("product_name", "Product"),
    Column("item_id", "Item"),
    Column("supplier_name", "Supplier"),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("total_price", "Cost", Kind.MONEY),
    Column("stockout_risk", "Stockout risk", Kind.SHARE),
    Column("sales_at_risk", "Sales at risk", Kind.MONEY),
    Column("order_by_date", "Order by", Kind.DATE),
)


def suggestions_call(given: SuggestionConditions, limit: int) -> ApiCall:
    conditions = given.model_dump(exclude_none=True, exclude={"limit"})
    return get("/order-planning/suggestions", **conditions, page_size=limit)


def suggestion_rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of all suppliers, each with its supplier, those first of which most sales are at risk."""
    rows = [
        {**line, "supplier_id": group["supplier_id"], "supplier_name": group["supplier_name"]}
        for group in content["groups"]
        for line in group["lines"]
    ]
    return sorted(rows, key=lambda row: -row["sales_at_risk"])


def conditions_of_suggestions(given: SuggestionConditions, content: Mapping[str, Any], client: ClientFacts) -> str:
    """`, from Albion, with a risk of 50 % or more`; empty without any."""
    parts = []
    if given.supplier_id is not None:
        names = {group["supplier_id"]: group["supplier_name"] for group in content["groups"]}
        parts.append(f"from {name(names.get(given.supplier_id) or given.supplier_id)}")
    if given.category is not None:
        parts.append(f"in {name(given.category)}")
    if given.location_id is not None:
        parts.append(f"for {name(given.location_id)}")
    if given.min_risk is not None:
        parts.append(f"with a stockout risk of {given.min_risk * 100:.0f} % or more")
    if given.budget is not None:
        parts.append(f"within {written(given.budget, Kind.MONEY, client)}")
    return "".join(f", {part}" for part in parts)


def _show_suggestions(given: SuggestionList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    totals, rows = content["totals"], suggestion_rows(content)
    narrowed = conditions_of_suggestions(given, content, client)
    link = planning_page(supplier_id=given.supplier_id, budget=given.budget, min_risk=given.min_risk)
    figures = (
        figure("Lines", totals["lines"], Kind.COUNT, client),
        figure("Cost", totals["cost"], Kind.MONEY, client),
        figure("Sales at risk", totals["sales_at_risk"], Kind.MONEY, client),
    )
    if not rows:
        return Shown(f"Nothing is to be ordered now{narrowed}.{_snoozed(content)}", figures, links=(link,))
    sentence = f"{counted(totals['lines'], 'line')} to order{narrowed}, for {figures[1].text}"
    sentence += f"; {figures[2].text} of sales are at risk."
    sentence += _minimum(given, content, client)
    sentence += _left_out(content, client) + _below_minimum(content, client) + _snoozed(content)
    shown = table(SUGGESTION_COLUMNS, rows, [product_href(row["item_id"]) for row in rows], content["total"])
    return Shown(sentence, figures, shown, (link,))


def _minimum(given: SuggestionList, content: Mapping[str, Any], client: ClientFacts) -> str:
    """Whether the one supplier that is asked about has its minimum."""
    groups = [group for group in content["groups"] if group["supplier_id"] == given.supplier_id]
    if given.supplier_id is None or not groups or not groups[0]["minimum_order_value"] or groups[0]["shortfall"] > 0:
        return ""
    return f" The minimum order value of {written(groups[0]['minimum_order_value'], Kind.MONEY, client)} is reached."


def _left_out(content: Mapping[str, Any], client: ClientFacts) -> str:
    budget = content["budget"]
    if budget is None or not budget["left_out_lines"]:
        return ""
    at_risk = written(budget["left_out_sales_at_risk"], Kind.MONEY, client)
    return f" The budget leaves out {counted(budget['left_out_lines'], 'line')} with {at_risk} of sales at risk."


def _below_minimum(content: Mapping[str, Any], client: ClientFacts) -> str:
    short = [group for group in content["groups"] if group["shortfall"] > 0]
    if not short:
        return ""
    parts = [f"{name(group['supplier_name'])} by {written(group['shortfall'], Kind.MONEY, client)}" for group in short]
    more = f" and {counted(len(parts) - 3, 'more supplier')}" if len(parts) > 3 else ""
    return f" Below the supplier's minimum order value: {', '.join(parts[:3])}{more}."


def _snoozed(content: Mapping[str, Any]) -> str:
    number = content["snoozed"]
    return f" {counted(number, 'product')} snoozed." if number else ""


_TRANSFER_COLUMNS = (
    Column("product_name", "Product"),
    Column("item_id", "Item"),
    Column("from_location_id", "From"),
    Column("to_location_id", "To"),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("sales_at_risk", "Sales at risk", Kind.MONEY),
)


def _show_transfers(given: TransferList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total = content["items"], content["total"]
    link = page("Order planning", "/planning")
    figures = (figure("Transfers", total, Kind.COUNT, client),)
    if not rows:
        return Shown("No stock is to be moved between locations now.", figures, links=(link,))
    first = rows[0]
    sentence = f"{counted(total, 'transfer')} suggested. First: {written(first['quantity'], Kind.QUANTITY, client)} of "
    sentence += (
        f"{name(first['product_name'])} from {name(first['from_location_id'])} to {name(first['to_location_id'])}."
    )
    shown = table(_TRANSFER_COLUMNS, rows, [product_href(row["item_id"]) for row in rows], total)
    return Shown(sentence, figures, shown, (link,))


_TYPES = {
    RecommendationType.URGENT: "to order urgently",
    RecommendationType.REORDER: "to reorder",
    RecommendationType.REDUCE_ORDER: "to order less of",
    RecommendationType.DEAD_STOCK: "dead stock to clear",
    RecommendationType.PROMOTE: "to promote",
}
_RECOMMENDATION_COLUMNS = (
    Column("type", "Type"),
    Column("product_name", "Product"),
    Column("item_id", "Item"),
    Column("money_at_stake", "At stake", Kind.MONEY),
    Column("reason", "Why"),
)


def _show_recommendations(given: RecommendationList, content: Mapping[str, Any], client: ClientFacts) -> Shown:
    rows, total, counts = content["items"], content["total"], content["counts"]
    link = Link("Recommendations", "/recommendations")
    if not rows:
        return Shown("Nothing is recommended now.", (figure("Recommendations", 0, Kind.COUNT, client),), links=(link,))
    wanted = [kind for kind in _TYPES if counts.get(kind, 0) and (not given.type or kind in given.type)]
    figures = tuple(figure(_TYPES[kind].capitalize(), counts[kind], Kind.COUNT, client) for kind in wanted)
    parts = ", ".join(f"{counts[kind]:,} {_TYPES[kind]}" for kind in wanted)
    first = rows[0]
    sentence = f"{counted(total, 'recommendation')} as of {day(content['as_of'])}: {parts}. "
    sentence += (
        f"First: {name(first['product_name'])}, {written(first['money_at_stake'], Kind.MONEY, client)} at stake."
    )
    shown = table(_RECOMMENDATION_COLUMNS, rows, [product_href(row["item_id"]) for row in rows], total)
    return Shown(sentence, figures, shown, (link,))


ORDER_SUGGESTIONS = ReadingTool(
    "order_suggestions",
    "What to order now, how much of it, from whom and what it costs, by supplier, category, location, risk or within a "
    "budget; those first of which most sales are at risk. Orders nothing.",
    SuggestionList,
    lambda given: suggestions_call(given, given.limit),
    _show_suggestions,
)
SUGGESTED_TRANSFERS = ReadingTool(
    "suggested_transfers",
    "Stock to move between locations instead of buying, those first that save most sales.",
    TransferList,
    lambda given: get(
        "/order-planning/transfers", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit
    ),
    _show_transfers,
)
RECOMMENDATIONS = ReadingTool(
    "recommendations",
    "What to act on, by the caller's role, each with its reason and the money at stake: to order urgently, to reorder, "
    "to order less, dead stock to clear, to promote.",
    RecommendationList,
    lambda given: get(
        "/recommendations", **given.model_dump(exclude_none=True, exclude={"limit"}), page_size=given.limit
    ),
    _show_recommendations,
)
TOOLS = (ORDER_SUGGESTIONS, SUGGESTED_TRANSFERS, RECOMMENDATIONS)
