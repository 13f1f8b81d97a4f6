"""Which items are to be ordered now: rows of the catalog, narrowed, ranked, and cut to a number or a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, cast

import polars as pl

from functions.order_planning.allocation import rows_at, whole_rows
from functions.order_planning.suggestion_line import PLANNED, PlannedRow
from functions.order_planning.terms import SOLD_COLUMNS, SoldRow, condition_in_catalog
from shared.catalog.dismissed import Snooze, snoozes
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.valuation import blocked
from shared.domain.errors import InvalidLines
from shared.domain.planning.budget import BudgetUse, Purchase, within_budget
from shared.domain.planning.replenishment import line_cost
from shared.domain.purchasing.order_quantity import quantity_error

_NOTHING = Decimal("0.00")
_TOTAL_PRICE = pl.Decimal(38, 2)
_KEPT_RANKINGS = 8  # of a catalog: a buyer looks at all of them, then at some supplier's


@dataclass(frozen=True)
class SuggestionFilter:
    """What suggestions are narrowed to; None or nothing: not narrowed. `categories` are meant whatever their case."""

    location_id: str | None = None
    supplier_ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    min_risk: float | None = None


@dataclass(frozen=True)
class Limits:
    """How many of the suggestions are taken, the first ones, and what these may cost; None: not limited."""

    top: int | None = None
    budget: Decimal | None = None


class AskedQuantity(NamedTuple):
    """How much of a suggested item is to be ordered; `pointer` is its place in the request."""

    quantity: Decimal
    pointer: str


@dataclass(frozen=True)
class Ranking:
    """All suggestions under a filter: PLANNED with `total_price`, null where nobody sells the item.

    Those first of which most sales are at risk; what cannot be ordered yet, without a supplier, comes last. `snoozed`
    are the items that a dismissed recommendation keeps out.
    """

    rows: pl.DataFrame
    snoozed: Mapping[str, Snooze]


@dataclass(frozen=True)
class Selection:
    """The suggestions within the limits, in the order of their ranking, and what the budget leaves out."""

    rows: pl.DataFrame
    budget: BudgetUse | None

    @property
    def cost(self) -> Decimal:
        """Of those that have a price."""
        return sum(self.rows["total_price"].drop_nulls(), _NOTHING)

    @property
    def sales_at_risk(self) -> Decimal:
        return sum(self.rows["sales_at_risk"], _NOTHING)


def rows_in_question(catalog: Catalog, narrowed: SuggestionFilter) -> pl.DataFrame:
    """The rows of items as a whole, or of the items at the location, each with its share of what is ordered."""
    return whole_rows(catalog) if narrowed.location_id is None else rows_at(catalog, narrowed.location_id)


def ranking(catalog: Catalog, narrowed: SuggestionFilter) -> Ranking:
    """All suggestions under the filter."""
    return _RANKINGS.of(catalog, narrowed)


def orders(catalog: Catalog, narrowed: SuggestionFilter) -> pl.DataFrame:
    """The suggestions under the filter as they are ordered: for all locations together, also those of one."""
    rows = ranking(catalog, narrowed).rows
    if narrowed.location_id is None:
        return rows
    whole = ranking(catalog, SuggestionFilter()).rows
    return whole.filter(pl.col("item_id").is_in(rows["item_id"].implode()))


def within_limits(ranked: pl.DataFrame, limits: Limits) -> Selection:
    """The first `top` of the ranked suggestions, and of these what the budget buys."""
    rows = first(ranked, limits.top)
    if limits.budget is None:
        return Selection(rows, None)
    purchases = [Purchase(*pair) for pair in rows.select("total_price", "sales_at_risk").iter_rows()]
    taken, use = within_budget(purchases, limits.budget)
    return Selection(rows.filter(pl.Series(taken, dtype=pl.Boolean())), use)


def with_quantities(ranked: pl.DataFrame, asked: Mapping[str, AskedQuantity]) -> pl.DataFrame:
    """The ranked suggestions with the quantities that were asked for in place of those suggested.

    Raises Invalid naming every one that the supplier does not sell. Of an item that nobody sells none is looked at.
    """
    rows = ranked.filter(pl.col("item_id").is_in(list(asked)), pl.col("supplier_id").is_not_null())
    wrong, changes = [], []
    for named in rows.select(SOLD_COLUMNS).iter_rows(named=True):
        condition = condition_in_catalog(cast(SoldRow, named))
        quantity, pointer = asked[condition.item_id]
        error = quantity_error(quantity, condition, pointer)
        if error is not None:
            wrong.append(error)
        changes.append((condition.item_id, quantity, line_cost(quantity, condition.supplier_cost)))
    if wrong:
        raise InvalidLines(wrong)
    schema = {
        "item_id": pl.String(),
        "reorder_quantity": ranked.schema["reorder_quantity"],
        "total_price": _TOTAL_PRICE,
    }
    return ranked.update(pl.DataFrame(changes, schema=schema, orient="row"), on="item_id")


def first(ranked: pl.DataFrame, top: int | None) -> pl.DataFrame:
    """So many of the ranked suggestions; None: all."""
    return ranked if top is None else ranked.head(top)


def why_left_out(ranked: pl.DataFrame, limits: Limits, selection: Selection) -> dict[str, str]:
    """Why the limits leave out those of the ranked suggestions that are not in the `selection` within them."""
    selected = set(selection.rows["item_id"])
    reasons = {}
    for number, (item_id, cost) in enumerate(ranked.select("item_id", "total_price").iter_rows()):
        if item_id in selected:
            continue
        if limits.top is not None and number >= limits.top:
            reasons[item_id] = f"it is not among the first {limits.top}"
        elif cost is None:
            reasons[item_id] = NO_SUPPLIER
        else:
            reasons[item_id] = f"it costs {cost}, which the budget of {limits.budget} does not pay for"
    return reasons


def why_not(catalog: Catalog, narrowed: SuggestionFilter, item_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these items cannot be ordered as a suggestion now, for somebody who asked for it."""
    rows = rows_in_question(catalog, narrowed).filter(pl.col("item_id").is_in(list(item_ids)))
    row_of = {row["item_id"]: cast(PlannedRow, row) for row in rows.select(PLANNED).iter_rows(named=True)}
    blocked_rows = rows.filter(blocked(pl.lit(catalog.pointer.as_of))).select("item_id", "planning")
    do_not_order = {item_id: _do_not_order(planning) for item_id, planning in blocked_rows.iter_rows()}
    snoozed = ranking(catalog, narrowed).snoozed
    at = "" if narrowed.location_id is None else f" at location {narrowed.location_id!r}"

    def reason(item_id: str) -> str:
        if item_id in snoozed:
            return f"it is {snoozed[item_id]}"
        if item_id not in row_of:
            return f"no product {item_id!r}{at}"
        return do_not_order.get(item_id) or _why_not(row_of[item_id], narrowed)

    return {item_id: reason(item_id) for item_id in item_ids}


def in_categories(categories: Sequence[str]) -> pl.Expr:
    """Whether a row's category is one of these, whatever their case."""
    return pl.col("category").str.to_lowercase().is_in([category.lower() for category in categories])


def by_urgency(frame: pl.DataFrame) -> pl.DataFrame:
    """Those first of which most sales are at risk."""
    return frame.sort("sales_at_risk", "stockout_risk", "item_id", descending=[True, True, False])


def _rank(catalog: Catalog, narrowed: SuggestionFilter) -> Ranking:
    conditions = [pl.col("reorder_quantity") > 0]
    if narrowed.min_risk is not None:
        conditions.append(pl.col("stockout_risk") >= narrowed.min_risk)
    if narrowed.supplier_ids:
        conditions.append(pl.col("supplier_id").is_in(narrowed.supplier_ids))
    if narrowed.categories:
        conditions.append(in_categories(narrowed.categories))
    frame = by_urgency(rows_in_question(catalog, narrowed).filter(conditions)).select(PLANNED)
    unlinked = frame["supplier_id"].is_null()
    frame = pl.concat([frame.filter(~unlinked), frame.filter(unlinked)])
    held = snoozes(catalog, narrowed.location_id)
    asleep = {item_id: held[item_id] for item_id in (frame["item_id"] if held else ()) if item_id in held}
    if asleep:
        frame = frame.filter(~pl.col("item_id").is_in(list(asleep)))
    prices = [
        None if cost is None else line_cost(quantity, cost)
        for quantity, cost in frame.select("reorder_quantity", "supplier_cost").iter_rows()
    ]
    return Ranking(frame.with_columns(pl.Series("total_price", prices, _TOTAL_PRICE)), asleep)


_RANKINGS = PerCatalog[SuggestionFilter, Ranking](_rank, kept=_KEPT_RANKINGS)
NO_SUPPLIER = "no supplier is linked to it"


def _do_not_order(planning: Mapping[str, Any]) -> str:
    """Why an item is not ordered that the client has planned not to order."""
    until, reason = planning["do_not_order_until"], planning["reason"]
    end = "" if until is None else f" until {until}"
    why = "" if reason is None else f": {reason}"
    return f"its planning says do_not_order{end}{why}"


def _why_not(row: PlannedRow, narrowed: SuggestionFilter) -> str:
    if row["reorder_quantity"] <= 0 < row["order_quantity"]:
        return f"{narrowed.location_id!r} has no share of the {row['order_quantity']} to order"
    if row["reorder_quantity"] <= 0:
        return (
            f"nothing is due: the inventory position is {row['inventory_position']}, the order-up-to level "
            f"{row['order_up_to']}"
        )
    if row["supplier_id"] is None:
        return NO_SUPPLIER
    if narrowed.supplier_ids and row["supplier_id"] not in narrowed.supplier_ids:
        return f"it is ordered from supplier {row['supplier_id']!r}, not from {_either(narrowed.supplier_ids)}"
    if narrowed.categories and row["category"].lower() not in (category.lower() for category in narrowed.categories):
        return f"its category is {row['category']!r}, not {_either(narrowed.categories)}"
    return f"its stockout risk of {row['stockout_risk']} is below min_risk {narrowed.min_risk}"


def _either(names: Sequence[str]) -> str:
    return " or ".join(repr(name) for name in names)
