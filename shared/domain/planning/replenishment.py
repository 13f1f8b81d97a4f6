"""Explains a suggested quantity, and fills an order up to a supplier's minimum (rules.md, "Order suggestions").

The quantity itself comes from the catalog; here it is broken down and put into words. Quantities have 3 decimals, money
2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.money import round_money
from shared.domain.purchasing.order_quantity import packs
from shared.domain.settings import Settings

_ZERO = Decimal("0.000")


@dataclass(frozen=True, slots=True)
class Reorder:
    """Planning figures of an item to be ordered; no terms (`moq`, `packaging_qty`) without a supplier.

    `order_up_to` is what the policy wants the inventory position to be, `dir` the days that stock on hand lasts, None
    when nothing is expected to sell.
    """

    current_stock: Decimal
    on_order: Decimal
    inventory_position: Decimal
    order_up_to: Decimal
    quantity: Decimal
    dir: float | None
    stockout_risk: float
    expected_daily_demand: float
    lead_time_days: int
    service_level: float
    order_within_days: int | None
    moq: Decimal | None
    packaging_qty: Decimal | None


@dataclass(frozen=True)
class Explanation:
    """How a suggested quantity came about: need + moq_uplift + pack_uplift is the quantity."""

    need: Decimal
    moq_uplift: Decimal
    pack_uplift: Decimal
    days_of_cover_after_receipt: float | None
    order_by_date: dt.date | None
    expected_arrival: dt.date
    reason: str


def explain(reorder: Reorder, settings: Settings, as_of: dt.date) -> Explanation:
    """Take a suggested quantity apart.

    The order-by date is the last one on which an order still keeps the level, today if that is past. Days of cover are
    what stock, open orders and this order last beyond the day on which it arrives.
    """
    need = reorder.order_up_to - reorder.inventory_position
    moq_uplift = _ZERO if reorder.moq is None else max(reorder.moq - need, _ZERO)
    pack_uplift = reorder.quantity - need - moq_uplift
    return Explanation(
        need=need,
        moq_uplift=moq_uplift,
        pack_uplift=pack_uplift,
        days_of_cover_after_receipt=_days_of_cover(reorder),
        order_by_date=_order_by(reorder, as_of),
        expected_arrival=as_of + dt.timedelta(days=reorder.lead_time_days),
        reason=_reason(reorder, settings, need, moq_uplift, pack_uplift),
    )


def line_cost(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """What so many cost, rounded half to even."""
    return round_money(quantity * unit_cost)


def shortfall(total_cost: Decimal, minimum_order_value: Decimal | None) -> Decimal:
    """The amount by which an order is below the supplier's minimum; 0 without a minimum, or when the order reaches
    it."""
    return round_money(max((minimum_order_value or Decimal(0)) - total_cost, Decimal(0)))


@dataclass(frozen=True)
class Candidate:
    """An item that could be ordered with others of its supplier, under its terms."""

    item_id: str
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal


@dataclass(frozen=True)
class FillLine:
    """The least that can be ordered of an item, and what it costs."""

    item_id: str
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True)
class OrderFill:
    """The items that fill an order, and the amount still missing then."""

    items: tuple[FillLine, ...]
    remaining_shortfall: Decimal


def fill_to_minimum(lacking: Decimal, candidates: Iterable[Candidate]) -> OrderFill:
    """Take candidates, the most urgent first, until their cost covers the amount `lacking`, or none is left.

    One that costs nothing does not help an order to its minimum and is skipped.
    """
    items = []
    remaining = lacking
    for candidate in candidates:
        if remaining <= 0:
            break
        quantity = packs(max(candidate.moq, candidate.packaging_qty), candidate.packaging_qty)
        cost = line_cost(quantity, candidate.supplier_cost)
        if cost > 0:
            items.append(FillLine(candidate.item_id, quantity, cost))
            remaining -= cost
    return OrderFill(tuple(items), round_money(max(remaining, Decimal(0))))


def _days_of_cover(reorder: Reorder) -> float | None:
    if reorder.expected_daily_demand <= 0:
        return None
    lasts = float(reorder.inventory_position + reorder.quantity) / reorder.expected_daily_demand
    return round(max(lasts - reorder.lead_time_days, 0.0), 1)


def _order_by(reorder: Reorder, as_of: dt.date) -> dt.date | None:
    if reorder.order_within_days is None:
        return None
    return as_of + dt.timedelta(days=min(reorder.order_within_days, (dt.date.max - as_of).days))


def _reason(reorder: Reorder, settings: Settings, need: Decimal, moq_uplift: Decimal, pack_uplift: Decimal) -> str:
    lasts = "" if reorder.dir is None else f" lasts {reorder.dir:g} days"
    window = reorder.lead_time_days + settings.safety_buffer_days
    if settings.replenishment_policy == "service_level":
        level = reorder.service_level
        target = f"demand over lead time and review period, at a service level of {level:g}, comes to"
    else:
        target = "30 days of demand and the safety buffer come to"
    uplifts = ""
    if moq_uplift > 0 and reorder.moq is not None:
        uplifts += f", raised to the MOQ of {_plain(reorder.moq)}"
    if pack_uplift > 0:
        pack = reorder.packaging_qty
        uplifts += ", rounded up to " + ("whole units" if pack is None else f"packs of {_plain(pack)}")
    return (
        f"Stock of {_plain(reorder.current_stock)}{lasts}, with a stockout risk of {reorder.stockout_risk:.0%} over "
        f"the {window} days of lead time and safety buffer; {target} {_plain(reorder.order_up_to)}, the inventory "
        f"position is {_plain(reorder.inventory_position)}, so {_plain(need)} are needed{uplifts}: "
        f"order {_plain(reorder.quantity)}."
    )


def _plain(quantity: Decimal) -> str:
    """Without the zeros that say nothing."""
    text = str(quantity)
    return text.rstrip("0").rstrip(".") if "." in text else text
