"""How much stock a service level asks for: from the calibrated distribution of demand to a quantity to order.

Periodic review (Silver, Pyke and Thomas 2017, "Inventory and Production Management in Supply Chains", chapter 6): what
is ordered today must last until the *next* order could arrive, so the window is lead time + review period, and what is
compared is the inventory position, not the stock on hand.

One-off bulk orders are kept apart from the base demand by how the forecast is made: a day counts with at most 20 times
the item's typical day in its level (forecast_job/level.py), so a bulk order lives in the tail of the distribution only.
Whether stock is held for it is then a question of the level, which `allocated_levels` answers by what a unit costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.demand_distribution import quantile_at, quantiles_over, tail_scales
from shared.domain.metrics import UNITS, reorder_quantity

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LEAST_LEVEL, _MOST_LEVEL = 0.3, 0.9999  # the tail is known that far, and no item is given up
_HALVINGS = 60


@dataclass(frozen=True)
class PublishedTotals:
    """The distribution of total demand as the forecast publishes it for n items, in units.

    `quantiles`: n x windows x levels, ascending in both; `daily_tail`: expected demand of a day past them.
    """

    windows: Sequence[int]
    levels: Sequence[float]
    quantiles: Floats
    daily_tail: Floats


def order_up_to(totals: PublishedTotals, service_level: float | Floats, lead_time_days: Ints, review_days: int) -> Ints:
    """The inventory position, in thousandths, that lasts with this probability until the next order could arrive.

    `service_level` in (0, 1), one for all items or one each. 0 where nothing is expected to sell. Never falls with the
    level, the lead time or the review period.
    """
    days = lead_time_days + review_days
    quantiles = quantiles_over(days, totals.windows, totals.quantiles, totals.daily_tail)
    scales = tail_scales(days, totals.windows, totals.levels, totals.quantiles)
    units = quantile_at(service_level, totals.levels, quantiles, scales)
    return np.rint(units * UNITS).astype(np.int64)


def quantity_to_order(order_up_to: Ints, inventory_position: Ints, moq: Ints, packaging_qty: Ints) -> Ints:
    """0 where the position suffices, else what it lacks, at least the MOQ and in whole packs. All in thousandths."""
    return reorder_quantity(order_up_to - inventory_position, moq, packaging_qty)


def allocated_levels(mean_level: float, unit_cost: Floats) -> Floats:
    """A service level for each item, `mean_level` on average: high where a unit is cheap, lower where it is dear.

    Units are lost alike, but held at their cost. Least stock at cost for a given number of lost units has the chance
    of running out proportional to the unit cost (the newsvendor's condition with one penalty for any lost unit; Arrow,
    Harris and Marschak 1951): 1 - level = k x cost, with k such that the mean holds. Levels stay within .3 and .9999,
    widened where the mean itself lies outside. Items without a cost (0) count as the cheapest; without any cost all
    levels are equal.
    """
    missing = 1 - mean_level
    if not len(unit_cost) or not (unit_cost > 0).any():
        return np.full(len(unit_cost), mean_level)
    least, most = min(missing, 1 - _MOST_LEVEL), max(missing, 1 - _LEAST_LEVEL)
    log_cost = np.log(unit_cost, out=np.full(len(unit_cost), -np.inf), where=unit_cost > 0)
    known = log_cost[unit_cost > 0]
    low, high = np.log(least) - known.max(), np.log(most) - known.min()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _shortage(middle, log_cost, least, most).mean() < missing:
            low = middle
        else:
            high = middle
    return 1 - _shortage((low + high) / 2, log_cost, least, most)


def _shortage(log_factor: float, log_cost: Floats, least: float, most: float) -> Floats:
    """The chance of running out, in logarithms so that no cost is too small or too large."""
    result: Floats = np.clip(np.exp(np.minimum(log_factor + log_cost, 0.0)), least, most)
    return result
