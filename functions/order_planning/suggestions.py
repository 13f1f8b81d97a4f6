"""What to order now: an expression over the catalog, grouped by supplier and explained line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import polars as pl

from functions.order_planning.schemas import (
    FillColumns,
    FillItem,
    PlannedColumns,
    QuantityExplanation,
    Suggestion,
    SuggestionGroup,
    Suggestions,
)
from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.replenishment import Candidate, Reorder, explain, fill_to_minimum, line_cost, shortfall
from shared.domain.planning.urgency import days_until_order, is_pressing
from shared.domain.settings import Settings

_NOTHING = Decimal("0.00")
_KEPT_VIEWS = 8  # of a catalog: a buyer looks at all of them, then at some supplier's
_LINK_A_SUPPLIER = "no supplier is linked to these items; link one to order them: POST /products/{item_id}/suppliers"


class _PlannedRow(PlannedColumns):
    """A row of the catalog with what is ordered of it, and under which terms."""

    order_up_to: Decimal
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
    """What suggestions are narrowed to; None: not narrowed. `min_risk` stands in for the limits of the settings."""

    location_id: str | None = None
    supplier_id: str | None = None
    min_risk: float | None = None


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
    settings = catalog.pointer.settings
    conditions = [_is_suggested(settings, narrowed), pl.col("reorder_quantity") > 0]
    if narrowed.supplier_id is not None:
        conditions.append(pl.col("supplier_id") == narrowed.supplier_id)
    return _by_urgency(rows_in_question(catalog, narrowed).filter(conditions).select(_PLANNED), settings)


def suggestions(catalog: Catalog, narrowed: SuggestionFilter, in_cart: Collection[str]) -> Suggestions:
    """Every suggestion, grouped by supplier, the most urgent first; `in_cart` are the items in the caller's cart."""
    view = _VIEWS.of(catalog, narrowed)
    if not in_cart:
        return view
    groups = [
        group.model_copy(
            update={
                "lines": [_marked(line) if line["item_id"] in in_cart else line for line in group.lines],
                "fill_items": [_marked_fill(item) if item["item_id"] in in_cart else item for item in group.fill_items],
            }
        )
        for group in view.groups
    ]
    return view.model_copy(update={"groups": groups})


def _marked(line: Suggestion) -> Suggestion:
    return {**line, "in_cart": True}


def _marked_fill(item: FillItem) -> FillItem:
    return {**item, "in_cart": True}


def _grouped(catalog: Catalog, narrowed: SuggestionFilter) -> Suggestions:
    """The suggestions as a caller with an empty cart sees them.

    Made without validation: a catalog may have thousands, and their figures are the catalog's own.
    """
    frame = suggested_rows(catalog, narrowed)
    unlinked: list[Suggestion] = []
    lines_of: dict[str, list[Suggestion]] = {}
    for row in frame.iter_rows(named=True):
        planned = cast(_PlannedRow, row)
        supplier_id = planned["supplier_id"]
        group = unlinked if supplier_id is None else lines_of.setdefault(supplier_id, [])
        group.append(_line(planned, catalog))
    names = dict(frame.select("supplier_id", "supplier_name").iter_rows())
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    totals = {supplier: _total(lines) for supplier, lines in lines_of.items()}
    shortfalls = {supplier: shortfall(total, minimums.get(supplier)) for supplier, total in totals.items()}
    fills = _fills(catalog, narrowed, frame["item_id"], shortfalls)
    groups = [
        SuggestionGroup.model_construct(
            supplier_id=supplier,
            supplier_name=names[supplier],
            note=None,
            lines=lines,
            total_cost=totals[supplier],
            minimum_order_value=minimums.get(supplier),
            shortfall=shortfalls[supplier],
            fill_items=fills[supplier].items if supplier in fills else [],
            remaining_shortfall=fills[supplier].remaining_shortfall if supplier in fills else _NOTHING,
        )
        for supplier, lines in lines_of.items()
    ]
    if unlinked:  # What cannot be ordered yet comes last, however urgent it is.
        groups.append(_unlinked_group(unlinked))
    return Suggestions.model_construct(
        groups=groups,
        total_lines=frame.height,
        total_cost=sum(totals.values(), _NOTHING),
        policy=catalog.pointer.settings.replenishment_policy,
        as_of=catalog.pointer.as_of,
    )


def why_not(catalog: Catalog, narrowed: SuggestionFilter, item_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these items cannot be ordered as a suggestion now, for somebody who asked for it."""
    frame = rows_in_question(catalog, narrowed).filter(pl.col("item_id").is_in(list(item_ids))).select(_PLANNED)
    row_of = {row["item_id"]: cast(_PlannedRow, row) for row in frame.iter_rows(named=True)}
    settings = catalog.pointer.settings
    at = "" if narrowed.location_id is None else f" at location {narrowed.location_id!r}"
    return {
        item_id: _why_not(row_of[item_id], narrowed, settings) if item_id in row_of else f"no product {item_id!r}{at}"
        for item_id in item_ids
    }


def _is_suggested(settings: Settings, narrowed: SuggestionFilter) -> pl.Expr:
    if narrowed.min_risk is not None:
        return pl.col("stockout_risk") >= narrowed.min_risk
    return is_pressing(settings)


def _why_not(row: _PlannedRow, narrowed: SuggestionFilter, settings: Settings) -> str:
    if row["reorder_quantity"] <= 0:
        return (
            f"nothing is needed: the inventory position of {row['inventory_position']} reaches the order-up-to level "
            f"of {row['order_up_to']}"
        )
    if row["supplier_id"] is None:
        return "no supplier is linked to it"
    if narrowed.supplier_id is not None and row["supplier_id"] != narrowed.supplier_id:
        return f"it is ordered from supplier {row['supplier_id']!r}, not from {narrowed.supplier_id!r}"
    if narrowed.min_risk is not None:
        return f"its stockout risk of {row['stockout_risk']} is below min_risk {narrowed.min_risk}"
    window = row["lead_time_days"] + settings.safety_buffer_days
    return (
        f"its stockout risk of {row['stockout_risk']} is below {settings.suggestion_min_risk}, and its DIR of "
        f"{row['dir']} days is not below the {window} of lead time and safety buffer"
    )


def _by_urgency(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    keys = (days_until_order(settings), pl.col("stockout_risk"), pl.col("item_id"))
    return frame.sort(*keys, descending=[False, True, False], nulls_last=True)


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
        moq=row["moq"],
        packaging_qty=row["packaging_qty"],
    )
    price = row["supplier_cost"]
    shown = cast(PlannedColumns, {name: row[name] for name in _SHOWN})  # type: ignore[literal-required]
    return {
        **shown,
        "quantity": reorder.quantity,
        "unit_cost": price,
        "cost": None if price is None else line_cost(reorder.quantity, price),
        "in_cart": False,
        "explanation": cast(
            QuantityExplanation, vars(explain(reorder, catalog.pointer.settings, catalog.pointer.as_of))
        ),
    }


def _total(lines: Sequence[Suggestion]) -> Decimal:
    """What the lines of a supplier cost."""
    return sum((line["cost"] for line in lines if line["cost"] is not None), _NOTHING)


def _unlinked_group(lines: list[Suggestion]) -> SuggestionGroup:
    return SuggestionGroup.model_construct(
        supplier_id=None,
        supplier_name=None,
        note=_LINK_A_SUPPLIER,
        lines=lines,
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
    candidates = rows_in_question(catalog, narrowed).filter(theirs, sells, free).select(_FILL)
    rows_of: dict[str, list[_FillRow]] = {supplier: [] for supplier in amounts}
    for row in _within_reach(_by_urgency(candidates, catalog.pointer.settings), amounts).iter_rows(named=True):
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
    return {**shown, "quantity": quantity, "unit_cost": row["supplier_cost"], "cost": cost, "in_cart": False}


# For everybody.
_VIEWS = PerCatalog[SuggestionFilter, Suggestions](_grouped, kept=_KEPT_VIEWS)
