"""What to order now: an expression over the catalog, grouped by supplier and explained line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import polars as pl

from functions.order_planning.schemas import (
    FillColumns,
    FillItem,
    PlannedColumns,
    Suggestion,
    SuggestionGroup,
    Suggestions,
    Totals,
)
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.valuation import blocked
from shared.domain.planning.replenishment import Candidate, Reorder, explain, fill_to_minimum, line_cost, shortfall

_NOTHING = Decimal("0.00")
_KEPT_VIEWS = 8  # of a catalog: a buyer looks at all of them, then at some supplier's
_LINK_A_SUPPLIER = "no supplier is linked to these items; link one to order them: POST /products/{item_id}/suppliers"


class _PlannedRow(PlannedColumns):
    """A row of the catalog with what is ordered of it, and under which terms."""

    order_up_to: Decimal
    service_level: float
    order_within_days: int | None
    reorder_quantity: Decimal
    moq: Decimal | None
    packaging_qty: Decimal | None
    supplier_cost: Decimal | None
    supplier_id: str | None
    supplier_name: str | None


class _FillRow(FillColumns):
    """A row of the catalog that may fill an order; it has a supplier."""

    supplier_id: str
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal
    lead_time_days: int


_SHOWN = tuple(PlannedColumns.__annotations__)
_PLANNED = tuple(_PlannedRow.__annotations__)
_FILL_SHOWN = tuple(FillColumns.__annotations__)
_FILL = tuple(_FillRow.__annotations__)


@dataclass(frozen=True)
class SuggestionFilter:
    """What suggestions are narrowed to; None or nothing: not narrowed. `min_risk` stands in for the limits of the
    settings, `categories` are meant whatever their case."""

    location_id: str | None = None
    supplier_ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    min_risk: float | None = None


@dataclass(frozen=True)
class _View:
    """All suggestions under a filter, the most urgent first, those that have no supplier last; each with its group.

    The groups, by supplier, have no lines yet.
    """

    lines: list[tuple[str | None, Suggestion]]
    groups: dict[str | None, SuggestionGroup]
    cost: Decimal


@dataclass(frozen=True)
class _SupplierFill:
    """What would bring a supplier's order to its minimum."""

    items: list[FillItem]
    remaining_shortfall: Decimal


def rows_in_question(catalog: Catalog, narrowed: SuggestionFilter) -> pl.DataFrame:
    """The rows of items as a whole, or of the items at the location."""
    if narrowed.location_id is None:
        return catalog.items.frame
    return catalog.locations.frame.filter(pl.col("location_id") == narrowed.location_id)


def suggested_rows(catalog: Catalog, narrowed: SuggestionFilter) -> pl.DataFrame:
    """All suggestions, the most urgent first: what a product list and an order line show of each."""
    conditions = [pl.col("reorder_quantity") > 0]
    if narrowed.min_risk is not None:
        conditions.append(pl.col("stockout_risk") >= narrowed.min_risk)
    if narrowed.supplier_ids:
        conditions.append(pl.col("supplier_id").is_in(narrowed.supplier_ids))
    if narrowed.categories:
        wanted = [category.lower() for category in narrowed.categories]
        conditions.append(pl.col("category").str.to_lowercase().is_in(wanted))
    return _by_urgency(rows_in_question(catalog, narrowed).filter(conditions)).select(_PLANNED)


def suggestions(
    catalog: Catalog, narrowed: SuggestionFilter, in_cart: Collection[str], page: int, page_size: int
) -> Suggestions:
    """A page of the suggestions, which counts lines; `in_cart` are the items in the caller's cart."""
    view = _VIEWS.of(catalog, narrowed)
    start = (page - 1) * page_size
    lines_of: dict[str | None, list[Suggestion]] = {}
    for supplier_id, line in view.lines[start : start + page_size]:
        marked: Suggestion = {**line, "in_cart": True} if line["item_id"] in in_cart else line
        lines_of.setdefault(supplier_id, []).append(marked)
    groups = [
        view.groups[supplier_id].model_copy(
            update={"lines": lines, "fill_items": _marked_fills(view.groups[supplier_id].fill_items, in_cart)}
        )
        for supplier_id, lines in lines_of.items()
    ]
    return Suggestions.model_construct(
        groups=groups,
        page=page,
        page_size=page_size,
        total=len(view.lines),
        totals=Totals(lines=len(view.lines), cost=view.cost),
        policy=catalog.settings.replenishment_policy,
        as_of=catalog.pointer.as_of,
    )


def _marked_fills(items: Sequence[FillItem], in_cart: Collection[str]) -> list[FillItem]:
    return [{**item, "in_cart": True} if item["item_id"] in in_cart else item for item in items]


def _viewed(catalog: Catalog, narrowed: SuggestionFilter) -> _View:
    """The suggestions as a caller with an empty cart sees them.

    Made without validation: a catalog may have thousands, and their figures are the catalog's own.
    """
    frame = suggested_rows(catalog, narrowed)
    lines = [_line(cast(_PlannedRow, row), catalog) for row in frame.iter_rows(named=True)]
    pairs = list(zip(frame["supplier_id"].to_list(), lines, strict=True))
    lines_of: dict[str, list[Suggestion]] = {}
    for supplier_id, line in pairs:
        if supplier_id is not None:
            lines_of.setdefault(supplier_id, []).append(line)
    names = dict(frame.select("supplier_id", "supplier_name").iter_rows())
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    totals = {supplier: _total(lines) for supplier, lines in lines_of.items()}
    shortfalls = {supplier: shortfall(total, minimums.get(supplier)) for supplier, total in totals.items()}
    fills = _fills(catalog, narrowed, frame["item_id"], shortfalls)
    groups: dict[str | None, SuggestionGroup] = {
        supplier: SuggestionGroup.model_construct(
            supplier_id=supplier,
            supplier_name=names[supplier],
            hint=None,
            lines=[],
            total_cost=totals[supplier],
            minimum_order_value=minimums.get(supplier),
            shortfall=shortfalls[supplier],
            fill_items=fills[supplier].items if supplier in fills else [],
            remaining_shortfall=fills[supplier].remaining_shortfall if supplier in fills else _NOTHING,
        )
        for supplier in lines_of
    }
    groups[None] = _unlinked_group()
    # What cannot be ordered yet comes last, however urgent it is. Sorting keeps the order of the others.
    return _View(sorted(pairs, key=lambda pair: pair[0] is None), groups, sum(totals.values(), _NOTHING))


def why_not(catalog: Catalog, narrowed: SuggestionFilter, item_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these items cannot be ordered as a suggestion now, for somebody who asked for it."""
    rows = rows_in_question(catalog, narrowed).filter(pl.col("item_id").is_in(list(item_ids)))
    row_of = {row["item_id"]: cast(_PlannedRow, row) for row in rows.select(_PLANNED).iter_rows(named=True)}
    blocked_rows = rows.filter(blocked(pl.lit(catalog.pointer.as_of))).select("item_id", "planning")
    do_not_order = {item_id: _do_not_order(planning) for item_id, planning in blocked_rows.iter_rows()}
    at = "" if narrowed.location_id is None else f" at location {narrowed.location_id!r}"
    return {
        item_id: do_not_order.get(item_id) or _why_not(row_of[item_id], narrowed)
        if item_id in row_of
        else f"no product {item_id!r}{at}"
        for item_id in item_ids
    }


def _do_not_order(planning: Mapping[str, Any]) -> str:
    """Why an item is not ordered that the client has planned not to order."""
    until, reason = planning["do_not_order_until"], planning["reason"]
    end = "" if until is None else f" until {until}"
    why = "" if reason is None else f": {reason}"
    return f"its planning says do_not_order{end}{why}"


def _why_not(row: _PlannedRow, narrowed: SuggestionFilter) -> str:
    if row["reorder_quantity"] <= 0:
        return (
            f"nothing is due: the inventory position is {row['inventory_position']}, the order-up-to level "
            f"{row['order_up_to']}"
        )
    if row["supplier_id"] is None:
        return "no supplier is linked to it"
    if narrowed.supplier_ids and row["supplier_id"] not in narrowed.supplier_ids:
        return f"it is ordered from supplier {row['supplier_id']!r}, not from {_either(narrowed.supplier_ids)}"
    if narrowed.categories and row["category"].lower() not in (category.lower() for category in narrowed.categories):
        return f"its category is {row['category']!r}, not {_either(narrowed.categories)}"
    return f"its stockout risk of {row['stockout_risk']} is below min_risk {narrowed.min_risk}"


def _either(names: Sequence[str]) -> str:
    return " or ".join(repr(name) for name in names)


def _by_urgency(frame: pl.DataFrame) -> pl.DataFrame:
    """Those first of which most sales are at risk."""
    return frame.sort("sales_at_risk", "stockout_risk", "item_id", descending=[True, True, False])


def _line(row: _PlannedRow, catalog: Catalog) -> Suggestion:
    reorder = Reorder(
        current_stock=row["current_stock"],
        on_order=row["on_order"],
        inventory_position=row["inventory_position"],
        order_up_to=row["order_up_to"],
        quantity=row["reorder_quantity"],
        dir=row["dir"],
        stockout_risk=row["stockout_risk"],
        expected_daily_demand=row["expected_daily_demand"],
        lead_time_days=row["lead_time_days"],
        service_level=row["service_level"],
        order_within_days=row["order_within_days"],
        moq=row["moq"],
        packaging_qty=row["packaging_qty"],
    )
    explanation = explain(reorder, catalog.settings, catalog.pointer.as_of)
    cost = row["supplier_cost"]
    shown = cast(PlannedColumns, {name: row[name] for name in _SHOWN})  # type: ignore[literal-required]
    return {
        **shown,
        "quantity": reorder.quantity,
        "order_up_to": reorder.order_up_to,
        "need": explanation.need,
        "moq": reorder.moq,
        "moq_uplift": explanation.moq_uplift,
        "packaging_qty": reorder.packaging_qty,
        "pack_uplift": explanation.pack_uplift,
        "unit_cost": cost,
        "total_price": None if cost is None else line_cost(reorder.quantity, cost),
        "days_of_cover_after_receipt": explanation.days_of_cover_after_receipt,
        "order_by_date": explanation.order_by_date,
        "expected_arrival": explanation.expected_arrival,
        "in_cart": False,
        "reason": explanation.reason,
    }


def _total(lines: Sequence[Suggestion]) -> Decimal:
    """What the lines of a supplier cost."""
    return sum((line["total_price"] for line in lines if line["total_price"] is not None), _NOTHING)


def _unlinked_group() -> SuggestionGroup:
    return SuggestionGroup.model_construct(
        supplier_id=None,
        supplier_name=None,
        hint=_LINK_A_SUPPLIER,
        lines=[],
        total_cost=None,
        minimum_order_value=None,
        shortfall=_NOTHING,
        fill_items=[],
        remaining_shortfall=_NOTHING,
    )


def _fills(
    catalog: Catalog, narrowed: SuggestionFilter, suggested: pl.Series, shortfalls: Mapping[str, Decimal]
) -> dict[str, _SupplierFill]:
    """For each supplier whose suggestions are below its minimum: its next most urgent items that sell."""
    amounts = {supplier: amount for supplier, amount in shortfalls.items() if amount > 0}
    if not amounts:
        return {}
    theirs = pl.col("supplier_id").is_in(list(amounts))
    sells = pl.col("expected_daily_demand") > 0
    free = ~pl.col("item_id").is_in(suggested.implode())
    candidates = rows_in_question(catalog, narrowed).filter(theirs, sells, free)
    rows_of: dict[str, list[_FillRow]] = {supplier: [] for supplier in amounts}
    for row in _within_reach(_by_urgency(candidates).select(_FILL), amounts).iter_rows(named=True):
        rows_of[row["supplier_id"]].append(cast(_FillRow, row))
    return {supplier: _fill(amount, rows_of[supplier]) for supplier, amount in amounts.items()}


def _within_reach(candidates: pl.DataFrame, amounts: Mapping[str, Decimal]) -> pl.DataFrame:
    """Without the candidates that no fill can reach, even if each before them cost half a cent less than it does.

    What is taken is decided in decimals; this only saves turning thousands of rows into Python objects.
    """
    missing = pl.col("supplier_id").replace_strict(list(amounts), [float(amount) for amount in amounts.values()])
    units = pl.max_horizontal("moq", "packaging_qty").cast(pl.Float64)
    at_least = (units * pl.col("supplier_cost").cast(pl.Float64) - 0.005).clip(lower_bound=0)
    before = at_least.cum_sum().over("supplier_id") - at_least
    return candidates.filter(before < missing)


def _fill(amount: Decimal, rows: Sequence[_FillRow]) -> _SupplierFill:
    candidates = (Candidate(row["item_id"], row["moq"], row["packaging_qty"], row["supplier_cost"]) for row in rows)
    filled = fill_to_minimum(amount, candidates)
    row_of = {row["item_id"]: row for row in rows}
    items = [_fill_item(row_of[line.item_id], line.quantity, line.cost) for line in filled.items]
    return _SupplierFill(items, filled.remaining_shortfall)


def _fill_item(row: _FillRow, quantity: Decimal, cost: Decimal) -> FillItem:
    shown = cast(FillColumns, {name: row[name] for name in _FILL_SHOWN})  # type: ignore[literal-required]
    return {**shown, "quantity": quantity, "unit_cost": row["supplier_cost"], "total_price": cost, "in_cart": False}


# For everybody.
_VIEWS = PerCatalog[SuggestionFilter, _View](_viewed, kept=_KEPT_VIEWS)
