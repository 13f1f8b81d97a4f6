"""What to order now: an expression over the catalog, grouped by supplier and explained line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.planning.replenishment import Candidate, Reorder, explain, fill_to_minimum, line_cost, shortfall
from shared.domain.planning.urgency import days_until_order, is_pressing
from shared.domain.settings import Settings

_PRODUCT = (
    "item_id",
    "product_name",
    "category",
    "location_id",
    "current_stock",
    "on_order",
    "inventory_position",
    "dir",
    "stockout_risk",
    "status",
    "expected_daily_demand",
    "forecasted_demand_30d",
    "lead_time_days",
)
_ORDER = ("order_up_to", "reorder_quantity", "moq", "packaging_qty", "supplier_cost", "supplier_id", "supplier_name")
_FILLED = ("item_id", "product_name", "current_stock", "dir", "stockout_risk")
_TERMS = ("supplier_id", "moq", "packaging_qty", "supplier_cost")
_NOTHING = Decimal("0.00")
_KEPT_VIEWS = 8  # of a catalog: a buyer looks at all of them, then at some supplier's
_LINK_A_SUPPLIER = "no supplier is linked to these items; link one to order them: POST /products/{item_id}/suppliers"


@dataclass(frozen=True)
class Wanted:
    """What suggestions are narrowed to; None: not narrowed. `min_risk` stands in for the limits of the settings."""

    location_id: str | None = None
    supplier_id: str | None = None
    min_risk: float | None = None


@dataclass(frozen=True)
class Fill:
    """What would bring a supplier's order to its minimum."""

    items: list[dict[str, Any]]
    remaining_shortfall: Decimal


def rows_in_question(catalog: Catalog, wanted: Wanted) -> pl.DataFrame:
    """The rows of items as a whole, or of the items at the location."""
    if wanted.location_id is None:
        return catalog.items.frame
    return catalog.locations.frame.filter(pl.col("location_id") == wanted.location_id)


def suggested_rows(catalog: Catalog, wanted: Wanted) -> pl.DataFrame:
    """All suggestions, the most urgent first: what a product list and an order line show of each."""
    settings = catalog.pointer.settings
    terms = [_is_suggested(settings, wanted), pl.col("reorder_quantity") > 0]
    if wanted.supplier_id is not None:
        terms.append(pl.col("supplier_id") == wanted.supplier_id)
    return _by_urgency(rows_in_question(catalog, wanted).filter(terms).select(*_PRODUCT, *_ORDER), settings)


def suggestions(catalog: Catalog, wanted: Wanted, in_cart: Collection[str]) -> dict[str, Any]:
    """Every suggestion, grouped by supplier, the most urgent first; `in_cart` are the items in the caller's cart."""
    view = _VIEWS.of(catalog, wanted)
    if not in_cart:
        return view
    groups = [
        group | {name: _marked(group[name], in_cart) for name in ("lines", "fill_items")} for group in view["groups"]
    ]
    return view | {"groups": groups}


def _marked(lines: Sequence[dict[str, Any]], in_cart: Collection[str]) -> list[dict[str, Any]]:
    return [line | {"in_cart": True} if line["item_id"] in in_cart else line for line in lines]


def _grouped(catalog: Catalog, wanted: Wanted) -> dict[str, Any]:
    """The suggestions as a caller with an empty cart sees them."""
    chosen = suggested_rows(catalog, wanted)
    unlinked: list[dict[str, Any]] = []
    lines_of: dict[str, list[dict[str, Any]]] = {}
    for row in chosen.iter_rows(named=True):
        group = unlinked if row["supplier_id"] is None else lines_of.setdefault(row["supplier_id"], [])
        group.append(_line(row, catalog))
    names = dict(chosen.select("supplier_id", "supplier_name").iter_rows())
    minimums = dict(catalog.suppliers.select("supplier_id", "minimum_order_value").iter_rows())
    totals = {supplier: sum((line["cost"] for line in lines), _NOTHING) for supplier, lines in lines_of.items()}
    lacking = {supplier: shortfall(total, minimums.get(supplier)) for supplier, total in totals.items()}
    fills = _fills(catalog, wanted, chosen["item_id"], lacking)
    groups = [
        {
            "supplier_id": supplier,
            "supplier_name": names[supplier],
            "note": None,
            "lines": lines,
            "total_cost": totals[supplier],
            "minimum_order_value": minimums.get(supplier),
            "shortfall": lacking[supplier],
            "fill_items": fills[supplier].items if supplier in fills else [],
            "remaining_shortfall": fills[supplier].remaining_shortfall if supplier in fills else _NOTHING,
        }
        for supplier, lines in lines_of.items()
    ]
    return {
        # What cannot be ordered yet comes last, however urgent it is.
        "groups": groups + ([_unlinked_group(unlinked)] if unlinked else []),
        "total_lines": chosen.height,
        "total_cost": sum(totals.values(), _NOTHING),
        "policy": catalog.pointer.settings.replenishment_policy,
        "as_of": catalog.pointer.as_of,
    }


def why_not(catalog: Catalog, wanted: Wanted, item_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these items cannot be ordered as a suggestion now, for somebody who asked for it."""
    rows = rows_in_question(catalog, wanted).filter(pl.col("item_id").is_in(list(item_ids))).select(*_PRODUCT, *_ORDER)
    found = {row["item_id"]: row for row in rows.iter_rows(named=True)}
    settings = catalog.pointer.settings
    at = "" if wanted.location_id is None else f" at location {wanted.location_id!r}"
    return {
        item_id: _why_not(found[item_id], wanted, settings) if item_id in found else f"no product {item_id!r}{at}"
        for item_id in item_ids
    }


def _is_suggested(settings: Settings, wanted: Wanted) -> pl.Expr:
    if wanted.min_risk is not None:
        return pl.col("stockout_risk") >= wanted.min_risk
    return is_pressing(settings)


def _why_not(row: dict[str, Any], wanted: Wanted, settings: Settings) -> str:
    if row["reorder_quantity"] <= 0:
        return (
            f"nothing is needed: the inventory position of {row['inventory_position']} reaches the order-up-to level "
            f"of {row['order_up_to']}"
        )
    if row["supplier_id"] is None:
        return "no supplier is linked to it"
    if wanted.supplier_id is not None and row["supplier_id"] != wanted.supplier_id:
        return f"it is ordered from supplier {row['supplier_id']!r}, not from {wanted.supplier_id!r}"
    if wanted.min_risk is not None:
        return f"its stockout risk of {row['stockout_risk']} is below min_risk {wanted.min_risk}"
    window = row["lead_time_days"] + settings.safety_buffer_days
    return (
        f"its stockout risk of {row['stockout_risk']} is below {settings.suggestion_min_risk}, and its DIR of "
        f"{row['dir']} days is not below the {window} of lead time and safety buffer"
    )


def _by_urgency(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    keys = (days_until_order(settings), pl.col("stockout_risk"), pl.col("item_id"))
    return frame.sort(*keys, descending=[False, True, False], nulls_last=True)


def _line(row: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
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
    return {name: row[name] for name in _PRODUCT} | {
        "quantity": reorder.quantity,
        "unit_cost": price,
        "cost": None if price is None else line_cost(reorder.quantity, price),
        "in_cart": False,
        "explanation": vars(explain(reorder, catalog.pointer.settings, catalog.pointer.as_of)),
    }


def _unlinked_group(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "supplier_id": None,
        "supplier_name": None,
        "note": _LINK_A_SUPPLIER,
        "lines": lines,
        "total_cost": None,
        "minimum_order_value": None,
        "shortfall": _NOTHING,
        "fill_items": [],
        "remaining_shortfall": _NOTHING,
    }


def _fills(catalog: Catalog, wanted: Wanted, suggested: pl.Series, lacking: Mapping[str, Decimal]) -> dict[str, Fill]:
    """For each supplier whose suggestions are below its minimum: its next most urgent items that sell."""
    wanting = {supplier: amount for supplier, amount in lacking.items() if amount > 0}
    if not wanting:
        return {}
    theirs = pl.col("supplier_id").is_in(list(wanting))
    sells = pl.col("expected_daily_demand") > 0
    free = ~pl.col("item_id").is_in(suggested.implode())
    found = rows_in_question(catalog, wanted).filter(theirs, sells, free).select(*_FILLED, *_TERMS, "lead_time_days")
    rows_of: dict[str, list[dict[str, Any]]] = {supplier: [] for supplier in wanting}
    for row in _within_reach(_by_urgency(found, catalog.pointer.settings), wanting).iter_rows(named=True):
        rows_of[row["supplier_id"]].append(row)
    return {supplier: _fill(amount, rows_of[supplier]) for supplier, amount in wanting.items()}


def _within_reach(candidates: pl.DataFrame, lacking: Mapping[str, Decimal]) -> pl.DataFrame:
    """Without the candidates that no fill can reach, even if each before them cost half a cent less than it does.

    What is taken is decided in decimals; this only saves turning thousands of rows into Python objects.
    """
    amounts = pl.col("supplier_id").replace_strict(list(lacking), [float(one) for one in lacking.values()])
    units = pl.max_horizontal("moq", "packaging_qty").cast(pl.Float64)
    at_least = (units * pl.col("supplier_cost").cast(pl.Float64) - 0.005).clip(lower_bound=0)
    before = at_least.cum_sum().over("supplier_id") - at_least
    return candidates.filter(before < amounts)


def _fill(amount: Decimal, rows: Sequence[dict[str, Any]]) -> Fill:
    candidates = (Candidate(row["item_id"], row["moq"], row["packaging_qty"], row["supplier_cost"]) for row in rows)
    filled = fill_to_minimum(amount, candidates)
    row_of = {row["item_id"]: row for row in rows}
    items = [
        {name: row_of[one.item_id][name] for name in _FILLED}
        | {
            "quantity": one.quantity,
            "unit_cost": row_of[one.item_id]["supplier_cost"],
            "cost": one.cost,
            "in_cart": False,
        }
        for one in filled.items
    ]
    return Fill(items, filled.remaining_shortfall)


# For everybody.
_VIEWS = PerCatalog[Wanted, dict[str, Any]](_grouped, kept=_KEPT_VIEWS)
