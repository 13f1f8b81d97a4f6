"""Explains a suggested quantity, and fills an order up to a supplier's minimum (rules.md, "Order suggestions").

The quantity itself comes from the catalog; here it is broken down and put into words. Quantities have 3 decimals, money
2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.money import plain, round_money
from shared.domain.planning.stock_status import MOST_DIR, Lifecycle
from shared.domain.purchasing.order_quantity import packs
from shared.domain.settings import Settings

_ZERO = Decimal("0.000")


@dataclass(frozen=True, slots=True)
class Reorder:
    """Planning figures of an item to be ordered; no terms (`moq`, `packaging_qty`) without a supplier.

    `order_up_to` is what the policy wants the inventory position to be, `dir` the days that stock on hand lasts, None
    when nothing is expected to sell. Of `on_order`, `receipts_covering` arrives in time to count, and `overdue` was due
    before today, since `overdue_since`. `units_sold_28d` and `last_sale` are None where no sale is on record.
    `min_stock` and `max_stock` are what the client has planned, None where it has not. At a location `quantity` is its
    share of an order, `share_of`, for all of them; None: the order itself.
    """

    current_stock: Decimal
    on_order: Decimal
    receipts_covering: Decimal
    overdue: Decimal
    overdue_since: dt.date | None
    inventory_position: Decimal
    order_up_to: Decimal
    quantity: Decimal
    dir: float | None
    sales_at_risk: Decimal
    expected_daily_demand: float
    units_sold_28d: Decimal | None
    last_sale: dt.date | None
    lifecycle: str
    lead_time_days: int
    service_level: float
    order_within_days: int | None
    moq: Decimal | None
    packaging_qty: Decimal | None
    min_stock: Decimal | None = None
    max_stock: Decimal | None = None
    share_of: Decimal | None = None

    @property
    def counted(self) -> Decimal:
        """The part of the inventory position that an order of today counts on: what arrives too late covers nothing."""
        return self.inventory_position - self.on_order + self.receipts_covering


@dataclass(frozen=True)
class Explanation:
    """How a suggested quantity came about: need + moq_uplift + pack_uplift is the quantity.

    Of a location's share there are no uplifts, and it may be more or less than the location needs: MOQ and packs are of
    the order that it is a share of.
    """

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
    what is there on the day on which the order arrives, the order included, lasts from then on: sales that nothing was
    left for before are lost, and take nothing of it.
    """
    need = reorder.order_up_to - reorder.counted
    moq_uplift = pack_uplift = _ZERO
    if reorder.share_of is None:
        moq_uplift = _ZERO if reorder.moq is None else max(reorder.moq - need, _ZERO)
        pack_uplift = reorder.quantity - need - moq_uplift
    else:
        need = max(need, _ZERO)
    cover = _days_of_cover(reorder)
    arrival = day_after(as_of, reorder.lead_time_days)
    order_by = _order_by(reorder, as_of)
    unsold = unsold_for(reorder.lifecycle, reorder.last_sale, as_of)
    sentences = (
        _what_is_left(reorder, as_of, arrival),
        _what_is_on_order(reorder),
        _what_is_asked_for(reorder, settings, need, moq_uplift, pack_uplift),
        _when_to_order(order_by, as_of),
        _sentence(f"{unsold}.") if unsold else "",
        _why_no_cover(reorder) if cover == 0 else "",
    )
    return Explanation(
        need=need,
        moq_uplift=moq_uplift,
        pack_uplift=pack_uplift,
        days_of_cover_after_receipt=cover,
        order_by_date=order_by,
        expected_arrival=arrival,
        reason=" ".join(sentence for sentence in sentences if sentence),
    )


def unsold_for(lifecycle: str, last_sale: dt.date | None, as_of: dt.date) -> str | None:
    """For how long an item has not sold, in words, where it is sleeping or dead; None where it is not."""
    if lifecycle not in (Lifecycle.SLEEPING, Lifecycle.DEAD):
        return None
    if last_sale is None:
        return f"the item is {lifecycle}: no sale is on record"
    return f"the item is {lifecycle}: last sold on {last_sale}, {(as_of - last_sale).days} days ago"


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


def fill_to_minimum(lacking: Decimal, candidates: Iterable[Candidate], most: int) -> OrderFill:
    """Take candidates, the most urgent first, until their cost covers the amount `lacking`, there are `most` of
    them, or none is left.

    One that costs nothing does not help an order to its minimum and is skipped.
    """
    items: list[FillLine] = []
    remaining = lacking
    for candidate in candidates:
        if remaining <= 0 or len(items) >= most:
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
    before = float(reorder.counted)
    if before > 0:
        before = max(before - reorder.expected_daily_demand * reorder.lead_time_days, 0.0)
    return round(max((before + float(reorder.quantity)) / reorder.expected_daily_demand, 0.0), 1)


def _order_by(reorder: Reorder, as_of: dt.date) -> dt.date | None:
    return None if reorder.order_within_days is None else day_after(as_of, reorder.order_within_days)


def _what_is_left(reorder: Reorder, as_of: dt.date, arrival: dt.date) -> str:
    stock = reorder.current_stock
    left = "Nothing is left" if stock <= 0 else f"{_are(stock)} left"
    sold = "" if reorder.units_sold_28d is None else f"were {plain(reorder.units_sold_28d)} in 28 days and "
    sells = f"{left}; sales {sold}are expected to be {_rate(reorder)}."
    return f"{sells} {_run_out(reorder, as_of, arrival)}{_at_risk(reorder)}."


def _rate(reorder: Reorder) -> str:
    daily = reorder.expected_daily_demand
    return f"{daily:.4g} a day" if daily >= 1 else f"{daily * 30:.3g} in 30 days"


def _run_out(reorder: Reorder, as_of: dt.date, arrival: dt.date) -> str:
    arrives = f"an order of today arrives on {arrival}"
    lasts = reorder.dir
    if reorder.current_stock <= 0 or lasts is None:
        return _sentence(arrives)
    if lasts >= MOST_DIR:
        return f"Stock on hand lasts {MOST_DIR:g} days or more; {arrives}"
    out = day_after(as_of, int(lasts))
    early = (arrival - out).days
    if early <= 0:
        return f"Stock on hand runs out on {out}; {arrives}"
    return f"Stock on hand runs out on {out}, {early} day{'' if early == 1 else 's'} before {arrives}"


def _at_risk(reorder: Reorder) -> str:
    return f", and sales of {reorder.sales_at_risk} are at risk" if reorder.sales_at_risk > 0 else ""


def _what_is_on_order(reorder: Reorder) -> str:
    if reorder.on_order <= 0:
        return ""
    parts = [f"{_are(reorder.on_order)} on order"]
    if reorder.overdue > 0:
        parts.append(f"{plain(reorder.overdue)} of that overdue since {reorder.overdue_since}")
    late = reorder.on_order - reorder.receipts_covering
    if late > 0:
        parts.append(f"{plain(late)} of that due too late to count")
    return f"{', '.join(parts)}."


def _what_is_asked_for(
    reorder: Reorder, settings: Settings, need: Decimal, moq_uplift: Decimal, pack_uplift: Decimal
) -> str:
    asked = plain(reorder.order_up_to)
    if reorder.order_up_to == reorder.min_stock:
        asks = f"The least stock planned for the item is {asked}"
    elif reorder.order_up_to == reorder.max_stock:
        asks = f"The most stock planned for the item is {asked}"
    elif settings.replenishment_policy == "service_level":
        level = round(reorder.service_level * 100, 2)
        asks = f"A service level of {level:g}% until the order after this one arrives takes {asked}"
    elif settings.replenishment_policy == "least_cost":
        level = round(reorder.service_level * 100, 2)
        asks = f"Stock and lost sales together cost least at a service level of {level:g}%, which takes {asked}"
    else:
        asks = f"30 days of demand and the safety buffer come to {asked}"
    uplifts = ""
    if moq_uplift > 0 and reorder.moq is not None:
        uplifts += f", raised to the MOQ of {plain(reorder.moq)}"
    if pack_uplift > 0:
        pack = reorder.packaging_qty
        uplifts += ", rounded up to " + ("whole units" if pack in (None, 1) else f"packs of {plain(pack)}")
    order = f"order {plain(reorder.quantity)}"
    if reorder.share_of is not None:
        order = f"its share of the {plain(reorder.share_of)} to order for all locations is {plain(reorder.quantity)}"
    return (
        f"{asks}, {plain(reorder.counted)} of it are there or arrive in time, so {plain(need)} are needed{uplifts}: "
        f"{order}."
    )


def _when_to_order(order_by: dt.date | None, as_of: dt.date) -> str:
    return "" if order_by is None or order_by <= as_of else f"The order can wait until {order_by}."


def _why_no_cover(reorder: Reorder) -> str:
    if reorder.counted + reorder.quantity <= 0:
        return "0 days of cover after receipt: all that is there then is committed to customers' orders."
    return "0 days of cover after receipt: all that is there then sells on the same day."


def day_after(as_of: dt.date, days: int) -> dt.date:
    """So many days later, or the last day that there is."""
    return as_of + dt.timedelta(days=min(days, (dt.date.max - as_of).days))


def _are(quantity: Decimal) -> str:
    return f"{plain(quantity)} {'is' if quantity == 1 else 'are'}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
