"""Why a recommendation is made and what to do about it, in words and in figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from shared.catalog.schema import OpenLineRow
from shared.domain.money import round_quantity
from shared.domain.settings import RecommendationType, Settings


class RecommendedRow(TypedDict):
    """The columns of the catalog that a recommendation shows or is explained by."""

    item_id: str
    product_name: str
    location_id: str | None
    category: str
    supplier_id: str | None
    supplier_name: str | None
    current_stock: Decimal
    on_order: Decimal
    unit_cost: Decimal
    inventory_value: Decimal
    dir: float | None
    stockout_risk: float
    expected_daily_demand: float
    lead_time_days: int
    last_sale: dt.date | None
    first_record: dt.date | None
    reorder_quantity: Decimal


class Action(StrEnum):
    """The suggested action, with a number of units where it has a quantity."""

    ORDER = "order"
    EXPEDITE_ORDERS = "expedite_orders"  # enough is on order, but perhaps too late
    WATCH_STOCK = "watch_stock"  # the policy would not order yet
    REDUCE_ORDERS = "reduce_orders"
    ORDER_NO_MORE = "order_no_more"
    CLEAR_STOCK = "clear_stock"
    PROMOTE = "promote"


@dataclass(frozen=True)
class SuggestedAction:
    """What to do, and with how many units; 3 decimals."""

    action: Action
    quantity: Decimal


def threshold(kind: RecommendationType, row: RecommendedRow, settings: Settings) -> float:
    """What the rule compares the row's figure with: a risk for URGENT, days for all others."""
    limits = settings.recommendation_rules.threshold_filters
    if kind is RecommendationType.URGENT:
        return limits.urgent_min_risk
    if kind is RecommendationType.REORDER:
        return float(row["lead_time_days"] + settings.safety_buffer_days)
    if kind is RecommendationType.REDUCE_ORDER:
        return float(limits.reduce_order_min_dir_days)
    if kind is RecommendationType.DEAD_STOCK:
        return float(settings.dead_stock_days)
    return float(limits.promote_min_dir_days)


def reason(kind: RecommendationType, row: RecommendedRow, open_lines: Sequence[OpenLineRow], settings: Settings) -> str:
    """One sentence with the figures behind the recommendation."""
    limit = _plain(threshold(kind, row, settings))
    stock, days = _plain(row["current_stock"]), _days(row["dir"])
    demand, lead = _plain(row["expected_daily_demand"]), row["lead_time_days"]
    ordered = f" and {_plain(row['on_order'])} on order" if row["on_order"] else ""
    if kind is RecommendationType.URGENT:
        return (
            f"With {stock} in stock{ordered}, and {demand} expected to sell a day, the risk to run out within lead "
            f"time ({lead} days) and safety buffer ({settings.safety_buffer_days}) is {_plain(row['stockout_risk'])}, "
            f"above {limit}."
        )
    if kind is RecommendationType.REORDER:
        return (
            f"The {stock} in stock last {days}, less than the {limit} of lead time ({lead}) and safety buffer "
            f"({settings.safety_buffer_days})."
        )
    if kind is RecommendationType.REDUCE_ORDER:
        orders = "; ".join(_order(line) for line in open_lines)
        coming = f", and more is to come: {orders}" if orders else ", and nothing is on order"
        return f"The {stock} in stock last {days}, more than {limit}{coming}."
    if kind is RecommendationType.DEAD_STOCK:
        since = (
            f"none has been sold since {row['last_sale']}"
            if row["last_sale"] is not None
            else f"none has been sold since the first record on {row['first_record']}"
        )
        return f"Of the {stock} in stock, worth {row['inventory_value']}, {since}, {limit} days ago or more."
    return (
        f"The {stock} in stock last {days}, more than {limit}, while {demand} a day are expected to sell, and no "
        "running campaign has it."
    )


def suggested_action(
    kind: RecommendationType, row: RecommendedRow, open_lines: Sequence[OpenLineRow], settings: Settings
) -> SuggestedAction:
    """The action and the quantity that goes with it; 3 decimals."""
    if kind in (RecommendationType.URGENT, RecommendationType.REORDER):
        if row["reorder_quantity"] > 0:
            return _action(Action.ORDER, row["reorder_quantity"])
        return _action(Action.EXPEDITE_ORDERS if row["on_order"] > 0 else Action.WATCH_STOCK, row["on_order"])
    if kind is RecommendationType.REDUCE_ORDER:
        outstanding = sum((line["outstanding"] for line in open_lines), Decimal(0))
        return _action(Action.REDUCE_ORDERS if outstanding > 0 else Action.ORDER_NO_MORE, outstanding)
    if kind is RecommendationType.DEAD_STOCK:
        return _action(Action.CLEAR_STOCK, row["current_stock"])
    days = settings.recommendation_rules.threshold_filters.promote_min_dir_days
    surplus = row["current_stock"] - days * Decimal(str(row["expected_daily_demand"]))
    return _action(Action.PROMOTE, max(surplus, Decimal(0)))


def _action(action: Action, quantity: Decimal) -> SuggestedAction:
    return SuggestedAction(action, round_quantity(quantity))


def _order(line: OpenLineRow) -> str:
    expected = line["expected_delivery_date"]
    when = f"expected {expected}" if expected else "without a date"
    return f"{line['po_number']} with {_plain(line['outstanding'])} {when}"


def _days(days: float | None) -> str:
    return "an unknown number of days" if days is None else f"{_plain(days)} days"


def _plain(number: Decimal | float) -> str:
    """The number without trailing zeros and exponents."""
    return f"{Decimal(str(number)).normalize():f}"
