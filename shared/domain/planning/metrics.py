"""The metrics of rules.md for many items (or items at locations) at once, and for one: the same code.

Quantities travel as integer thousandths and money as integer hundredths, which is exact and vectorises; what comes from
a forecast is a float, rounded once here (`_ROUNDING`) so that every list, detail and threshold sees the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays import Bools, Floats, Ints
from shared.domain.planning.basis import Basis
from shared.domain.planning.demand_distribution import normal_exceedance
from shared.domain.planning.ordering_policy import DemandAhead, OrderingPolicy, PurchaseTerms
from shared.domain.planning.quantities import MAX_VALUE, UNITS
from shared.domain.planning.service_level import PublishedTotals
from shared.domain.planning.stock_status import StockStatus
from shared.domain.settings import Settings

HUNDREDTHS = 100  # money is counted in hundredths
DEMAND_DAYS = 30
_HARDLY_ANY = 0.001  # units a day: who sells one unit in three years is not expected to sell
_NOTHING = 1e-9  # units a day: less is none, and dividing by it would overflow
TAIL_DAYS = 28  # past the horizon demand goes on at the mean of these
_ROUNDING = {"demand": 3, "days": 1, "risk": 4}


@dataclass(frozen=True)
class Position:
    """Stock and terms of n rows. Quantities in thousandths, money in hundredths, times in days."""

    current_stock: Ints
    on_order: Ints  # open order lines, each clamped at 0 before they were summed
    committed: Ints
    receipts_due: Ints  # the part of on_order expected within lead time + safety buffer
    unit_cost: Ints
    lead_time_days: Ints
    moq: Ints  # 0 and a pack of one unit where no supplier is linked
    packaging_qty: Ints
    strategic: Bools


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
    days_known: Floats  # since the first record of the item


@dataclass(frozen=True)
class Metrics:
    """The computed columns of n rows. `dir` is NaN where nothing is expected to sell."""

    inventory_position: Ints
    inventory_value: Ints
    expected_daily_demand: Floats
    forecasted_demand_30d: Floats
    dir: Floats
    stockout_risk: Floats
    order_up_to: Ints
    reorder_quantity: Ints
    status: NDArray[np.str_]
    demand_basis: NDArray[np.str_]
    risk_basis: NDArray[np.str_]


def evaluate(position: Position, demand: Demand, settings: Settings) -> Metrics:
    """All metrics of all rows (rules.md, "Metrics")."""
    forecast = ~np.isnan(demand.daily[:, 0]) if demand.daily.shape[1] else np.zeros(len(position.on_order), bool)
    recent = np.maximum(np.nan_to_num(demand.recent_mean), 0)
    horizon = max(demand.daily.shape[1], DEMAND_DAYS)
    daily = np.broadcast_to(recent[:, None], (len(recent), horizon)).copy()
    daily[forecast, : demand.daily.shape[1]] = demand.daily[forecast]
    if demand.daily.shape[1] < horizon:
        tail = demand.daily[forecast, -TAIL_DAYS:].mean(axis=1) if demand.daily.shape[1] else recent[forecast]
        daily[forecast, demand.daily.shape[1] :] = tail[:, None]
    daily[daily.mean(axis=1) < _HARDLY_ANY] = 0
    demand_30d = np.round(daily[:, :DEMAND_DAYS].sum(axis=1), _ROUNDING["demand"])
    expected = np.round(demand_30d / DEMAND_DAYS, _ROUNDING["demand"])
    stock = position.current_stock / UNITS
    days_left = np.round(days_of_inventory(stock, daily), _ROUNDING["days"])
    ahead = DemandAhead(
        total_30d=demand_30d,
        per_day=expected,
        forecast=forecast,
        published=PublishedTotals(
            windows=demand.windows,
            levels=demand.levels,
            quantiles=demand.window_quantiles[forecast],
            daily_tail=daily[forecast, -TAIL_DAYS:].mean(axis=1),
        ),
        recent_mean=recent,
        recent_variance=np.where(recent > 0, np.nan_to_num(demand.recent_variance), 0),
    )
    inventory_position = position.current_stock + position.on_order - position.committed
    terms = PurchaseTerms(position.lead_time_days, position.moq, position.packaging_qty)
    plan = OrderingPolicy.of(settings).order(ahead, inventory_position, terms)
    basis = np.where(
        forecast,
        Basis.FORECAST.value,
        np.where(np.isnan(demand.recent_mean), Basis.NONE.value, Basis.RECENT_SALES.value),
    )
    return Metrics(
        inventory_position=inventory_position,
        inventory_value=inventory_value(position.current_stock, position.unit_cost),
        expected_daily_demand=expected,
        forecasted_demand_30d=demand_30d,
        dir=days_left,
        stockout_risk=np.round(_stockout_risk(position, ahead, settings), _ROUNDING["risk"]),
        order_up_to=plan.order_up_to,
        reorder_quantity=plan.quantity,
        status=stock_status(position, demand, expected, days_left, settings),
        demand_basis=basis,
        risk_basis=basis,
    )


def days_of_inventory(stock: Floats, daily: Floats) -> Floats:
    """Days until expected demand has used up the stock, the fraction of the last day included.

    Walks `daily` (n x horizon); past the horizon goes on at the mean of its last 28 days. 0 when stock <= 0; NaN when
    nothing is expected to sell, or when the demand of the horizon ends before the stock does.
    """
    cumulative = np.cumsum(daily, axis=1)
    horizon = daily.shape[1]
    row = np.arange(len(stock))
    # Strictly below: stock that ends with a day's sales is used up then, also when the shop is closed on the next.
    whole_days = (cumulative < stock[:, None]).sum(axis=1)
    next_day = np.minimum(whole_days, horizon - 1)
    used = np.where(whole_days > 0, cumulative[row, np.maximum(whole_days - 1, 0)], 0.0)
    rate = np.where(whole_days < horizon, daily[row, next_day], daily[:, -TAIL_DAYS:].mean(axis=1))
    days = whole_days + np.divide(stock - used, rate, out=np.full_like(stock, np.nan), where=rate > _NOTHING)
    nothing_sells = cumulative[:, -1] <= _NOTHING
    return np.where(nothing_sells, np.nan, np.where(stock <= 0, 0.0, days))


def inventory_value(current_stock: Ints, unit_cost: Ints) -> Ints:
    """Stock at cost in hundredths, rounded half to even; stock in thousandths, cost in hundredths.

    What 64 bits cannot hold (92 million billion) stays at that limit: such a stock or cost is a mistake in the data,
    which should show, and not stop the metrics of everything else.
    """
    units, thousandths = np.divmod(current_stock, UNITS)
    part, rest = np.divmod(thousandths * unit_cost, UNITS)
    whole = units * unit_cost + part
    half = UNITS // 2
    up = (rest > half) | ((rest == half) & (whole % 2 == 1))
    estimate = units.astype(np.float64) * unit_cost
    return np.where(np.abs(estimate) < MAX_VALUE, whole + up, np.sign(units) * MAX_VALUE)


def stock_status(
    position: Position, demand: Demand, expected: Floats, days_left: Floats, settings: Settings
) -> NDArray[np.str_]:
    """The first status that holds: dead_stock, understocked, overstocked, normal."""
    in_stock = position.current_stock > 0
    sells = expected > 0
    unsold_for = np.where(np.isnan(demand.days_since_sale), np.inf, demand.days_since_sale)
    dead = (
        in_stock
        & (unsold_for >= settings.dead_stock_days)
        & (np.nan_to_num(demand.days_known) >= settings.dead_stock_days)
        & ~sells
        & ~position.strategic
    )
    nothing_left = np.isnan(days_left)
    understocked = (~in_stock & sells) | (~nothing_left & (days_left < settings.understocked_threshold))
    overstocked = (~nothing_left & (days_left > settings.overstocked_threshold)) | (nothing_left & in_stock)
    return np.select(
        [dead, understocked, overstocked],
        [StockStatus.DEAD_STOCK.value, StockStatus.UNDERSTOCKED.value, StockStatus.OVERSTOCKED.value],
        StockStatus.NORMAL.value,
    )


def _stockout_risk(position: Position, demand: DemandAhead, settings: Settings) -> Floats:
    """P(demand over lead time + safety buffer > stock + receipts due in that window)."""
    days = position.lead_time_days + settings.safety_buffer_days
    available = (position.current_stock + position.receipts_due) / UNITS
    risk = normal_exceedance(demand.recent_mean * days, demand.recent_variance * days, available)
    risk[demand.recent_mean <= 0] = 0.0
    rows = np.flatnonzero(demand.forecast)
    risk[rows] = demand.published.over(days[rows]).exceedance(available[rows])
    return np.clip(risk, 0.0, 1.0)
