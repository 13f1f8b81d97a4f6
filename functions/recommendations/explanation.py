"""Why a recommendation is made and what to do about it, in words and in figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from shared.catalog.schema import OpenLineRow
from shared.domain.money import plain, round_quantity
from shared.domain.planning.recommendation import whole_surplus
from shared.domain.planning.stock_status import MOST_DIR
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
    sales_at_risk: Decimal
    excess_value: Decimal
    units_sold_28d: Decimal | None
    expected_daily_demand: float
    lead_time_days: int
    last_sale: dt.date | None
    first_record: dt.date | None
    order_up_to: Decimal
    reorder_quantity: Decimal
    transfer_in: Decimal
    as_of: dt.date


class Action(StrEnum):
    """The suggested action, with a number of units where it has a quantity."""

    ORDER = "order"
    TRANSFER = "transfer"  # nothing is to be bought, another location has more than it needs
    EXPEDITE_ORDERS = "expedite_orders"  # enough is on order, but perhaps too late
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
    """What the rule compares the row's figure with: a risk for URGENT, units for REORDER, days for all others."""
    limits = settings.recommendation_rules.threshold_filters
    if kind is RecommendationType.URGENT:
        return limits.urgent_min_risk
    if kind is RecommendationType.REORDER:
        return float(row["order_up_to"])
    if kind is RecommendationType.REDUCE_ORDER:
        return float(limits.reduce_order_min_dir_days)
    if kind is RecommendationType.DEAD_STOCK:
        return float(settings.dead_stock_days)
    return float(limits.promote_min_dir_days)


def reason(kind: RecommendationType, row: RecommendedRow, open_lines: Sequence[OpenLineRow], settings: Settings) -> str:
    """In figures of its own, for people."""
    limit = plain(threshold(kind, row, settings))
    stock, lasting = plain(row["current_stock"]), _lasting(row, limit)
    demand, lead = plain(row["expected_daily_demand"]), row["lead_time_days"]
    ordered = f" and {plain(row['on_order'])} on order" if row["on_order"] else ""
    if kind is RecommendationType.URGENT:
        return (
            f"With {stock} in stock{ordered}, and {demand} expected to sell a day, the risk to run out within lead "
            f"time ({lead} days) and safety buffer ({settings.safety_buffer_days}) is {plain(row['stockout_risk'])}, "
            f"above {limit}; {_sold(row)}{_instead_of_an_order(row)}."
        )
    if kind is RecommendationType.REORDER:
        return (
            f"The {stock} in stock{ordered} are not enough until the order after the next one arrives: {limit} are to "
            f"be there or on order, with {demand} expected to sell a day and a lead time of {lead} days; {_sold(row)}."
        )
    if kind is RecommendationType.REDUCE_ORDER:
        orders = "; ".join(_order(line) for line in open_lines)
        coming = f", and more is to come: {orders}" if orders else ", and nothing is on order"
        return f"The {stock} in stock {lasting}{coming}."
    if kind is RecommendationType.DEAD_STOCK:
        return f"The {stock} in stock, worth {row['inventory_value']}, {_not_sold(row)}; the limit is {limit} days."
    return (
        f"The {stock} in stock {lasting}; the last sale was {_ago(row['last_sale'], row['as_of'])}, and no running "
        "campaign has it."
    )


def suggested_action(
    kind: RecommendationType, row: RecommendedRow, open_lines: Sequence[OpenLineRow], settings: Settings
) -> SuggestedAction:
    """The action and the quantity that goes with it; 3 decimals."""
    if kind in (RecommendationType.URGENT, RecommendationType.REORDER):
        if row["reorder_quantity"] > 0:
            return _action(Action.ORDER, row["reorder_quantity"])
        if row["transfer_in"] > 0:
            return _action(Action.TRANSFER, row["transfer_in"])
        return _action(Action.EXPEDITE_ORDERS, row["on_order"])
    if kind is RecommendationType.REDUCE_ORDER:
        outstanding = sum((line["outstanding"] for line in open_lines), Decimal(0))
        return _action(Action.REDUCE_ORDERS if outstanding > 0 else Action.ORDER_NO_MORE, outstanding)
    if kind is RecommendationType.DEAD_STOCK:
        return _action(Action.CLEAR_STOCK, row["current_stock"])
    days = settings.recommendation_rules.threshold_filters.promote_min_dir_days
    surplus = whole_surplus(row["current_stock"], row["expected_daily_demand"], days)
    return _action(Action.PROMOTE, Decimal(surplus))


def _action(action: Action, quantity: Decimal) -> SuggestedAction:
    return SuggestedAction(action, round_quantity(quantity))


def _order(line: OpenLineRow) -> str:
    expected = line["expected_delivery_date"]
    when = f"expected {expected}" if expected else "without a date"
    return f"{line['po_number']} with {plain(line['outstanding'])} {when}"


def _lasting(row: RecommendedRow, limit: str) -> str:
    if row["dir"] is None:
        return "last for good, as nothing is expected to sell"
    or_more = " or more" if row["dir"] >= MOST_DIR else ""
    return (
        f"last {plain(row['dir'])} days{or_more}, more than {limit}, with {plain(row['expected_daily_demand'])} "
        "expected to sell a day"
    )


def _sold(row: RecommendedRow) -> str:
    if row["units_sold_28d"] is None:
        return "no sale is on record"
    return f"{plain(row['units_sold_28d'])} were sold in the last 28 days"


def _instead_of_an_order(row: RecommendedRow) -> str:
    """Why nothing more is bought of what is running out, or how much less than is lacking."""
    if row["transfer_in"] > 0:
        return f"; {plain(row['transfer_in'])} can be moved here from where there is too much"
    return "" if row["reorder_quantity"] > 0 else "; what is on order is enough, but may come too late"


def _not_sold(row: RecommendedRow) -> str:
    if row["last_sale"] is not None:
        return f"have not been sold for {_count((row['as_of'] - row['last_sale']).days)}"
    if row["first_record"] is not None:
        return f"have never been sold in the {_count((row['as_of'] - row['first_record']).days)} on record"
    return "have never been sold"


def _ago(day: dt.date | None, today: dt.date) -> str:
    return "never" if day is None else f"{_count((today - day).days)} ago"


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
