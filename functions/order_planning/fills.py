"""What would bring an order to its supplier's minimum: the items that are due next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import polars as pl

from functions.order_planning.schemas import FillColumns, FillItem
from functions.order_planning.selection import by_urgency
from shared.domain.planning.replenishment import Candidate, fill_to_minimum
from shared.domain.planning.stock_status import Lifecycle


class _FillRow(FillColumns):
    """A row of the catalog that may fill an order; it has a supplier."""

    supplier_id: str
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal
    lead_time_days: int


MOST_FILLS = 10  # of a group: more are not looked through, and make an answer large
_SHOWN = tuple(FillColumns.__annotations__)
_COLUMNS = tuple(_FillRow.__annotations__)


@dataclass(frozen=True)
class SupplierFill:
    """What would bring a supplier's order to its minimum."""

    items: list[FillItem]
    remaining_shortfall: Decimal


def fills(rows: pl.DataFrame, taken: Collection[str], shortfalls: Mapping[str, Decimal]) -> dict[str, SupplierFill]:
    """For each supplier whose order is below its minimum: its next most urgent items that sell.

    `rows` are those in question, `taken` the items that are ordered already or are not to be.
    """
    amounts = {supplier: amount for supplier, amount in shortfalls.items() if amount > 0}
    if not amounts:
        return {}
    theirs = pl.col("supplier_id").is_in(list(amounts))
    sells = (pl.col("expected_daily_demand") > 0) & (pl.col("lifecycle") != Lifecycle.DEAD.value)
    candidates = rows.filter(theirs, sells, ~pl.col("item_id").is_in(list(taken)))
    rows_of: dict[str, list[_FillRow]] = {supplier: [] for supplier in amounts}
    for row in _within_reach(by_urgency(candidates).select(_COLUMNS), amounts).iter_rows(named=True):
        rows_of[row["supplier_id"]].append(cast(_FillRow, row))
    return {supplier: _fill(amount, rows_of[supplier]) for supplier, amount in amounts.items()}


def marked(items: Sequence[FillItem], in_cart: Collection[str]) -> list[FillItem]:
    """The items, those marked that are in the caller's cart."""
    return [{**item, "in_cart": True} if item["item_id"] in in_cart else item for item in items]


def _within_reach(candidates: pl.DataFrame, amounts: Mapping[str, Decimal]) -> pl.DataFrame:
    """Without the candidates that no fill can reach, even if each before them cost half a cent less than it does.

    What is taken is decided in decimals; this only saves turning thousands of rows into Python objects.
    """
    missing = pl.col("supplier_id").replace_strict(list(amounts), [float(amount) for amount in amounts.values()])
    units = pl.max_horizontal("moq", "packaging_qty").cast(pl.Float64)
    at_least = (units * pl.col("supplier_cost").cast(pl.Float64) - 0.005).clip(lower_bound=0)
    before = at_least.cum_sum().over("supplier_id") - at_least
    costs = (at_least > 0).cast(pl.Int64)
    costing_before = costs.cum_sum().over("supplier_id") - costs
    return candidates.filter(before < missing, costing_before < MOST_FILLS)


def _fill(amount: Decimal, rows: Sequence[_FillRow]) -> SupplierFill:
    candidates = (Candidate(row["item_id"], row["moq"], row["packaging_qty"], row["supplier_cost"]) for row in rows)
    filled = fill_to_minimum(amount, candidates, MOST_FILLS)
    row_of = {row["item_id"]: row for row in rows}
    items = [_fill_item(row_of[line.item_id], line.quantity, line.cost) for line in filled.items]
    return SupplierFill(items, filled.remaining_shortfall)


def _fill_item(row: _FillRow, quantity: Decimal, cost: Decimal) -> FillItem:
    shown = cast(FillColumns, {name: row[name] for name in _SHOWN})  # type: ignore[literal-required]
    return {**shown, "quantity": quantity, "unit_cost": row["supplier_cost"], "total_price": cost, "in_cart": False}
