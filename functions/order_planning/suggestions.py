"""The suggestions as pages: grouped by supplier, each group with its totals and what would fill it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import polars as pl

from functions.order_planning.allocation import NOWHERE, allocations_of
from functions.order_planning.fills import fills, marked
from functions.order_planning.schemas import (
    BudgetView,
    Suggestion,
    SuggestionGroup,
    Suggestions,
    SuggestionTotals,
)
from functions.order_planning.selection import (
    Limits,
    Selection,
    SuggestionFilter,
    ranking,
    rows_in_question,
    within_limits,
)
from functions.order_planning.suggestion_line import PricedRow, suggestion_line
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.valuation import blocked
from shared.domain.planning.replenishment import day_after, shortfall

_NOTHING = Decimal("0.00")
_KEPT_VIEWS = 8  # of a catalog: a buyer looks at all of them, then at some supplier's, or within a budget
_LINK_A_SUPPLIER = "no supplier is linked to these items; link one to order them: POST /products/{item_id}/suppliers"
_UNDO = (
    "dismissed as URGENT or REORDER; GET /recommendations?include_dismissed=true&type=URGENT,REORDER lists them, "
    "DELETE /recommendations/{recommendation_id}/dismiss suggests one again"
)


@dataclass(frozen=True)
class _View:
    """The suggestions under a filter and within limits, and their groups, by supplier, which have no lines yet."""

    selection: Selection
    groups: dict[str | None, SuggestionGroup]
    totals: SuggestionTotals
    snoozed: int


@dataclass(frozen=True)
class _Sums:
    """What the suggestions of one supplier come to."""

    supplier_name: str | None
    cost: Decimal
    lines: int
    sales_at_risk: Decimal
    order_by_date: dt.date | None

    @property
    def shown(self) -> dict[str, Any]:
        """The fields of the group that it is."""
        return {"line_count": self.lines, "sales_at_risk": self.sales_at_risk, "order_by_date": self.order_by_date}


def suggestions(
    catalog: Catalog, narrowed: SuggestionFilter, limits: Limits, in_cart: Collection[str], page: int, page_size: int
) -> Suggestions:
    """A page of the suggestions, which counts lines; `in_cart` are the items in the caller's cart."""
    view = _VIEWS.of(catalog, (narrowed, limits))
    rows = view.selection.rows
    lines_of: dict[str | None, list[Suggestion]] = {}
    shown = rows.slice((page - 1) * page_size, page_size)
    allocated = allocations_of(catalog, shown)
    for named in shown.iter_rows(named=True):
        row = cast(PricedRow, named)
        item_id = row["item_id"]
        line = suggestion_line(row, catalog, allocated.get(item_id, NOWHERE), in_cart=item_id in in_cart)
        lines_of.setdefault(row["supplier_id"], []).append(line)
    groups = [
        view.groups[supplier_id].model_copy(
            update={"lines": lines, "fill_items": marked(view.groups[supplier_id].fill_items, in_cart)}
        )
        for supplier_id, lines in lines_of.items()
    ]
    use = view.selection.budget
    return Suggestions.model_construct(
        groups=groups,
        page=page,
        page_size=page_size,
        total=rows.height,
        totals=view.totals,
        budget=None if use is None else BudgetView.of(use),
        snoozed=view.snoozed,
        snoozed_hint=_UNDO if view.snoozed else None,
        policy=catalog.settings.replenishment_policy,
        as_of=catalog.pointer.as_of,
    )


def _viewed(catalog: Catalog, wanted: tuple[SuggestionFilter, Limits]) -> _View:
    """The suggestions as a caller with an empty cart sees them.

    Only the lines of a page become objects, without validation: a catalog may have thousands.
    """
    narrowed, limits = wanted
    ranked = ranking(catalog, narrowed)
    selection = within_limits(ranked.rows, limits)
    sums = _sums(selection.rows, catalog.pointer.as_of)
    if narrowed.location_id is None:
        taken = {*selection.rows["item_id"], *ranked.snoozed}
        groups = _supplier_groups(catalog, narrowed, sums, taken)
    else:  # a minimum order value holds for the order, which is for all locations together
        everywhere = _VIEWS.of(catalog, (SuggestionFilter(), Limits())).groups
        groups = {
            supplier: everywhere[supplier].model_copy(update={"total_cost": summed.cost, **summed.shown})
            for supplier, summed in sums.items()
            if supplier is not None
        }
    if None in sums:
        groups[None] = _unlinked_group(sums[None])
    money = SuggestionTotals(lines=selection.rows.height, cost=selection.cost, sales_at_risk=selection.sales_at_risk)
    return _View(selection, groups, money, len(ranked.snoozed))


def _sums(rows: pl.DataFrame, as_of: dt.date) -> dict[str | None, _Sums]:
    """What the suggestions of each supplier come to, and those that have none."""
    summed = rows.group_by("supplier_id", maintain_order=True).agg(
        pl.col("supplier_name").first(),
        pl.len(),
        pl.col("total_price").sum(),
        pl.col("sales_at_risk").sum(),
        pl.col("order_within_days").min(),
    )
    return {
        supplier: _Sums(name, cost or _NOTHING, lines, at_risk, None if within is None else day_after(as_of, within))
        for supplier, name, lines, cost, at_risk, within in summed.iter_rows()
    }


def _supplier_groups(
    catalog: Catalog,
    narrowed: SuggestionFilter,
    sums: Mapping[str | None, _Sums],
    taken: Collection[str],
) -> dict[str | None, SuggestionGroup]:
    """Those of suppliers, without lines; `taken` are the items that fill no order."""
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    of_suppliers = {supplier: summed for supplier, summed in sums.items() if supplier is not None}
    shortfalls = {supplier: shortfall(summed.cost, minimums.get(supplier)) for supplier, summed in of_suppliers.items()}
    orderable = rows_in_question(catalog, narrowed).filter(~blocked(pl.lit(catalog.pointer.as_of)))
    filled = fills(orderable, taken, shortfalls)
    return {
        supplier: SuggestionGroup.model_construct(
            supplier_id=supplier,
            supplier_name=summed.supplier_name,
            hint=None,
            lines=[],
            total_cost=summed.cost,
            **summed.shown,
            minimum_order_value=minimums.get(supplier),
            shortfall=shortfalls[supplier],
            fill_items=filled[supplier].items if supplier in filled else [],
            remaining_shortfall=filled[supplier].remaining_shortfall if supplier in filled else _NOTHING,
        )
        for supplier, summed in of_suppliers.items()
    }


def _unlinked_group(summed: _Sums) -> SuggestionGroup:
    return SuggestionGroup.model_construct(
        supplier_id=None,
        supplier_name=None,
        hint=_LINK_A_SUPPLIER,
        lines=[],
        total_cost=None,
        **summed.shown,
        minimum_order_value=None,
        shortfall=_NOTHING,
        fill_items=[],
        remaining_shortfall=_NOTHING,
    )


# For everybody.
_VIEWS = PerCatalog[tuple[SuggestionFilter, Limits], _View](_viewed, kept=_KEPT_VIEWS)
