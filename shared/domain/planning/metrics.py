"""The metrics of rules.md for many items (or items at locations) at once, and for one: the same code.

Quantities travel as integer thousandths, money as integer hundredths, and what a unit costs or sells for as integer ten
thousandths, which is exact and vectorises; what comes from a forecast is a float, rounded once here (`_ROUNDING`) so
that every list, detail and threshold sees the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.arrays import Bools, Floats, Ints
from shared.domain.planning.basis import Basis
from shared.domain.planning.costs import Worth
from shared.domain.planning.demand_distribution import normal_exceedance, normal_shortage
from shared.domain.planning.ordering_policy import DemandAhead, Guidance, OrderingPolicy, PurchaseTerms, StockAhead
from shared.domain.planning.quantities import MAX_VALUE, UNITS, thousandths
from shared.domain.planning.service_level import PublishedTotals, ServiceLevels
from shared.domain.planning.stock_status import MOST_DIR, Lifecycle, StockStatus
from shared.domain.settings import Settings

HUNDREDTHS = 100  # money is counted in hundredths,
TEN_THOUSANDTHS = 10_000  # and what a unit costs or sells for in these
_PARTS = TEN_THOUSANDTHS // HUNDREDTHS  # of a hundredth
DEMAND_DAYS = 30
_HARDLY_ANY = 0.001  # units a day: who sells one unit in three years is not expected to sell
_NOTHING = 1e-9  # units a day: less is none, and dividing by it would overflow
_SELLING_OFTEN = (Lifecycle.NEW.value, Lifecycle.ACTIVE.value)
_ROUNDING = {"demand": 3, "days": 1, "risk": 4}
_NEW_DAYS = 28
_SLOW_DAYS = 30.0  # on average between two days with a sale
_WAKING_DAYS = 90  # a sleeping item that is not expected to sell anything to speak of in them is dead
_WAKING_UNITS, _WAKING_SHARE = 1.0, 0.05


@dataclass(frozen=True)
class Position:
    """Stock and terms of n rows. Quantities in thousandths, costs and prices in ten thousandths, times in days.

    Of `on_order` (open order lines, each clamped at 0 before they were summed), `receipts_due` arrives within lead time
    + safety buffer, `receipts_covering` within the window that an order of today must last for (`window_days` of the
    policy), and `ordered_lately` of the latter as late as if it had been ordered within the last review period.
    `unit_cost` is what a unit in stock is valued at. `own_level` is the service level that the client gave the item or
    its class, NaN: none.
    """

    current_stock: Ints
    on_order: Ints
    committed: Ints
    receipts_due: Ints
    receipts_covering: Ints
    ordered_lately: Ints
    unit_cost: Ints
    sale_price: Ints
    lead_time_days: Ints
    moq: Ints  # 0 and a pack of one unit where no supplier is linked
    packaging_qty: Ints
    strategic: Bools
    own_level: Floats
    guidance: Guidance

    @property
    def terms(self) -> PurchaseTerms:
        return PurchaseTerms(self.lead_time_days, self.moq, self.packaging_qty)

    @property
    def worth(self) -> Worth:
        return Worth(self.unit_cost / TEN_THOUSANDTHS, self.sale_price / TEN_THOUSANDTHS)


@dataclass(frozen=True)
class Demand:
    """The demand of n rows, from today on.

    `daily` (n x horizon) is NaN in rows without a forecast, `window_quantiles` (n x windows x levels) likewise. The
    recent moments are per day, over the last 28 days on which the item could be sold; NaN when there were none.
    """

    daily: Floats
    windows: Sequence[int]
    levels: Sequence[float]
    window_quantiles: Floats
    recent_mean: Floats
    recent_variance: Floats
    days_since_sale: Floats  # NaN: never sold
    days_known: Floats  # since the first record of the item; NaN: none
    days_per_sale: Floats  # known days for each day with a sale; NaN: never sold
    usual: Floats  # units a known day of the last year; NaN: no record


@dataclass(frozen=True)
class Metrics:
    """The computed columns of n rows. `dir` is NaN where nothing is expected to sell, `order_within_days` likewise."""

    inventory_position: Ints
    inventory_value: Ints
    expected_daily_demand: Floats
    forecasted_demand_30d: Floats
    dir: Floats
    stockout_risk: Floats
    sales_at_risk: Ints
    excess_value: Ints
    service_level: Floats
    order_up_to: Ints
    reorder_quantity: Ints
    order_within_days: Floats
    lifecycle: NDArray[np.str_]
    status: NDArray[np.str_]
    demand_basis: NDArray[np.str_]
    risk_basis: NDArray[np.str_]


def evaluate(position: Position, demand: Demand, settings: Settings, levels: ServiceLevels) -> Metrics:
    """All metrics of all rows (rules.md, "Metrics"); `levels` are the client's, for rows without one of their own."""
    policy = OrderingPolicy.of(settings)
    daily = daily_demand(demand)
    ahead = _ahead(demand, daily)
    stock = position.current_stock / UNITS
    days_left = np.round(days_of_inventory(stock, daily), _ROUNDING["days"])
    lifecycle = lifecycle_of(stock, demand, daily, settings.dead_stock_days)
    is_dead = lifecycle == Lifecycle.DEAD.value
    often = np.isin(lifecycle, _SELLING_OFTEN)
    risk = np.round(_stockout_risk(position, ahead, often, settings), _ROUNDING["risk"])
    own = ~np.isnan(position.own_level)
    # By the expected demand an item that sleeps would get a lower level, and lose the bulk order that wakes it: the
    # replay needs 3 % more stock then.
    usual = np.nan_to_num(demand.usual)
    level = np.where(own, position.own_level, policy.levels(levels, position.worth, usual, position.terms))
    covering = position.current_stock + position.receipts_covering - position.committed
    guidance = position.guidance
    kept = guidance.min_stock > 0  # NaN, none of its own, is not
    plan = policy.order(
        ahead,
        StockAhead(covering, position.ordered_lately),
        position.terms,
        level,
        replace(guidance, blocked=guidance.blocked | (is_dead & ~kept)),
        _pressing(risk, days_left, position.lead_time_days, settings),
        days_left,
    )
    short = _expected_shortage(ahead, policy.window_days(position.lead_time_days), covering / UNITS)
    basis = np.where(
        ahead.forecast,
        Basis.FORECAST.value,
        np.where(np.isnan(demand.recent_mean), Basis.NONE.value, Basis.RECENT_SALES.value),
    )
    return Metrics(
        inventory_position=position.current_stock + position.on_order - position.committed,
        inventory_value=inventory_value(position.current_stock, position.unit_cost),
        expected_daily_demand=ahead.per_day,
        forecasted_demand_30d=ahead.total_30d,
        dir=days_left,
        stockout_risk=risk,
        sales_at_risk=inventory_value(thousandths(short), position.sale_price),
        excess_value=inventory_value(_excess(stock, daily, settings.overstocked_threshold), position.unit_cost),
        service_level=_rounded_level(level),
        order_up_to=plan.order_up_to,
        reorder_quantity=plan.quantity,
        order_within_days=plan.order_within_days,
        lifecycle=lifecycle,
        status=_stock_status(position, ahead, days_left, risk, is_dead, plan.quantity > 0, settings),
        demand_basis=basis,
        risk_basis=basis,
    )


def daily_demand(demand: Demand) -> Floats:
    """n x days (the horizon, at least 30): expected units, by the forecast, else the recent mean.

    What a short forecast lacks is filled by its own mean.
    """
    recent = np.maximum(np.nan_to_num(demand.recent_mean), 0)
    forecast = _has_forecast(demand)
    length = demand.daily.shape[1]
    horizon = max(length, DEMAND_DAYS)
    daily = np.broadcast_to(recent[:, None], (len(recent), horizon)).copy()
    daily[forecast, :length] = demand.daily[forecast]
    if 0 < length < horizon:
        daily[forecast, length:] = demand.daily[forecast].mean(axis=1)[:, None]
    daily[daily.mean(axis=1) < _HARDLY_ANY] = 0
    return daily


def days_of_inventory(stock: Floats, daily: Floats) -> Floats:
    """Days until expected demand has used up the stock, the fraction of the last day included; 999 is that or more.

    Walks `daily` (n x horizon); past the horizon goes on at the mean of all of it. 0 when stock <= 0; NaN when nothing
    is expected to sell.
    """
    cumulative = np.cumsum(daily, axis=1)
    horizon = daily.shape[1]
    row = np.arange(len(stock))
    # Strictly below: stock that ends with a day's sales is used up then, also when the shop is closed on the next.
    whole_days = (cumulative < stock[:, None]).sum(axis=1)
    next_day = np.minimum(whole_days, horizon - 1)
    used = np.where(whole_days > 0, cumulative[row, np.maximum(whole_days - 1, 0)], 0.0)
    rate = np.where(whole_days < horizon, daily[row, next_day], daily.mean(axis=1))
    days = whole_days + np.divide(stock - used, rate, out=np.full_like(stock, np.inf), where=rate > _NOTHING)
    nothing_sells = cumulative[:, -1] <= _NOTHING
    return np.where(nothing_sells, np.nan, np.where(stock <= 0, 0.0, np.minimum(days, MOST_DIR)))


def lifecycle_of(stock: Floats, demand: Demand, daily: Floats, dead_stock_days: int) -> NDArray[np.str_]:
    """Where each item is in its life (rules.md, "Demand and lifecycle"), the first that holds:

    - new: first record less than 28 days ago, or none yet;
    - dead: sleeping, and the next 90 days are expected to sell less than a unit, or less than 5 % of the stock;
    - sleeping: no sale for `dead_stock_days`;
    - slow: more than 30 days between two days with a sale, on average;
    - active.
    """
    unsold_for = np.where(np.isnan(demand.days_since_sale), demand.days_known, demand.days_since_sale)
    sleeping = unsold_for >= dead_stock_days  # NaN, nothing known, is not
    waking = _expected_over(daily, _WAKING_DAYS)
    hardly = (waking < _WAKING_UNITS) | (waking < _WAKING_SHARE * stock)
    return np.select(
        [
            ~(demand.days_known >= _NEW_DAYS),
            sleeping & hardly,
            sleeping,
            demand.days_per_sale > _SLOW_DAYS,
        ],
        [Lifecycle.NEW.value, Lifecycle.DEAD.value, Lifecycle.SLEEPING.value, Lifecycle.SLOW.value],
        Lifecycle.ACTIVE.value,
    )


def inventory_value(current_stock: Ints, unit_cost: Ints) -> Ints:
    """Stock at cost in hundredths, rounded half to even; stock in thousandths, cost in ten thousandths.

    What 64 bits cannot hold (92 million billion) stays at that limit: such a stock or cost is a mistake in the data,
    which should show, and not stop the metrics of everything else.
    """
    units, thousandths = np.divmod(current_stock, UNITS)
    hundredths, parts = np.divmod(unit_cost, _PARTS)
    # Each product in two parts, what is above a hundredth and below, so that none leaves 64 bits before the sum does.
    of_parts, part_rest = np.divmod(units * parts, _PARTS)
    of_thousandths, thousandth_rest = np.divmod(thousandths * hundredths, UNITS)
    of_rests, rest = np.divmod(thousandth_rest * _PARTS + part_rest * UNITS + thousandths * parts, UNITS * _PARTS)
    whole = units * hundredths + of_parts + of_thousandths + of_rests
    half = UNITS * _PARTS // 2
    up = (rest > half) | ((rest == half) & (whole % 2 == 1))
    estimate = units.astype(np.float64) * (unit_cost / _PARTS)
    return np.where(np.abs(estimate) < MAX_VALUE, whole + up, np.sign(units) * MAX_VALUE)


def _has_forecast(demand: Demand) -> Bools:
    if not demand.daily.shape[1]:
        return np.zeros(len(demand.recent_mean), dtype=np.bool_)
    return ~np.isnan(demand.daily[:, 0])


def _ahead(demand: Demand, daily: Floats) -> DemandAhead:
    forecast = _has_forecast(demand)
    recent = np.maximum(np.nan_to_num(demand.recent_mean), 0)
    total_30d = np.round(daily[:, :DEMAND_DAYS].sum(axis=1), _ROUNDING["demand"])
    return DemandAhead(
        total_30d=total_30d,
        per_day=np.round(total_30d / DEMAND_DAYS, _ROUNDING["demand"]),
        daily=daily,
        forecast=forecast,
        published=PublishedTotals(
            windows=demand.windows,
            levels=demand.levels,
            quantiles=demand.window_quantiles[forecast],
            daily_tail=daily[forecast].mean(axis=1),
        ),
        recent_mean=recent,
        recent_variance=np.where(recent > 0, np.nan_to_num(demand.recent_variance), 0),
    )


def _stock_status(
    position: Position,
    demand: DemandAhead,
    days_left: Floats,
    risk: Floats,
    is_dead: Bools,
    is_ordered: Bools,
    settings: Settings,
) -> NDArray[np.str_]:
    """The first status that holds: dead_stock, understocked, overstocked, normal.

    What is to be ordered is not overstocked, however long it would last: it sells a few large orders a year.
    What the client wants to have in stock, strategic or with a minimum of its own, is no dead stock.
    """
    in_stock = position.current_stock > 0
    kept = position.strategic | (position.guidance.min_stock > 0)
    sells = (demand.per_day > 0) & ~is_dead
    nothing_left = np.isnan(days_left)
    urgent = settings.recommendation_rules.threshold_filters.urgent_min_risk
    understocked = sells & (
        ~in_stock | (~nothing_left & (days_left < settings.understocked_threshold)) | (risk > urgent)
    )
    overstocked = in_stock & ~is_ordered & (nothing_left | (days_left > settings.overstocked_threshold))
    return np.select(
        [in_stock & is_dead & ~kept, understocked, overstocked],
        [StockStatus.DEAD_STOCK.value, StockStatus.UNDERSTOCKED.value, StockStatus.OVERSTOCKED.value],
        StockStatus.NORMAL.value,
    )


def _stockout_risk(position: Position, demand: DemandAhead, often: Bools, settings: Settings) -> Floats:
    """P(demand over lead time + safety buffer, a day at least, > stock + receipts due in that window).

    1 where an item that sells `often` is out already. That of others, which are out and may not be asked for until
    an order arrives, is the chance that they are.
    """
    days = np.maximum(position.lead_time_days + settings.safety_buffer_days, 1)
    available = (position.current_stock + position.receipts_due) / UNITS
    risk = normal_exceedance(demand.recent_mean * days, demand.recent_variance * days, available)
    rows = np.flatnonzero(demand.forecast)
    risk[rows] = demand.published.over(days[rows]).exceedance(available[rows])
    risk[(available <= 0) & often] = 1.0
    risk[demand.per_day <= 0] = 0.0
    return np.clip(risk, 0.0, 1.0)


def _rounded_level(level: Floats) -> Floats:
    """Never 0 nor 1, which no stock has."""
    least = 10.0 ** -_ROUNDING["risk"]
    return np.asarray(np.clip(np.round(level, _ROUNDING["risk"]), least, 1 - least), dtype=np.float64)


def _pressing(risk: Floats, days_left: Floats, lead_time_days: Ints, settings: Settings) -> Bools:
    """Whether an item is at risk, or would not last until an order arrives, with the safety buffer on top."""
    short = days_left < lead_time_days + settings.safety_buffer_days  # NaN, nothing sells, is not
    return (risk >= settings.suggestion_min_risk) | short


def _expected_shortage(demand: DemandAhead, days: Ints, available: Floats) -> Floats:
    """Units of the demand of `days` that what is available is expected to be short of."""
    short = normal_shortage(demand.recent_mean * days, demand.recent_variance * days, available)
    rows = np.flatnonzero(demand.forecast)
    short[rows] = demand.published.over(days[rows]).expected_shortage(available[rows])
    return np.where(demand.per_day > 0, np.maximum(short, 0.0), 0.0)


def _excess(stock: Floats, daily: Floats, days: int) -> Ints:
    """The stock, in thousandths, beyond what so many days are expected to sell."""
    return thousandths(np.maximum(stock - _expected_over(daily, days), 0.0))


def _expected_over(daily: Floats, days: int) -> Floats:
    """Units expected to sell in so many days, past the horizon at the mean of all of it."""
    beyond = max(days - daily.shape[1], 0)
    return np.asarray(daily[:, :days].sum(axis=1) + daily.mean(axis=1) * beyond, dtype=np.float64)
