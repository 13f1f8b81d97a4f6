"""How much demand a service level covers, and which level each item gets: what `ordering_policy` is made of.

One-off bulk orders are kept apart from the base demand by how the forecast is made: a day counts with at most 20 times
the item's typical day in its level (`forecast_job.client_history.level`), so a bulk order lives in the tail.
Whether stock is held for it is then a question of the level, which `ServiceLevels` answer by what it costs to hold,
and of whether the item has had such orders before, which is in the published totals (`forecast_job.totals.own_past`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.arrays import Floats, Ints
from shared.domain.planning.demand_distribution import (
    exceedance,
    expected_shortage,
    quantile_at,
    quantiles_over,
    tail_scales,
    window_scales,
)
from shared.domain.planning.quantities import UNITS

LEAST_LEVEL, MOST_LEVEL = 0.3, 0.9999  # the tail is known that far, and no item is given up
_LONGEST_CYCLE_DAYS = 365.0
_HALVINGS = 60


@dataclass(frozen=True)
class TotalOver:
    """The distribution of n items' total demand over one number of days each, in units.

    `quantiles`: n x levels; `scales`: n, of the exponential tail beyond the last level (`demand_distribution`).
    """

    levels: Sequence[float]
    quantiles: Floats
    scales: Floats

    def exceedance(self, stock: Floats) -> Floats:
        """P(demand > stock), n each."""
        return exceedance(self.levels, self.quantiles, self.scales, stock)

    def expected_shortage(self, stock: Floats) -> Floats:
        """The units of demand that stock is expected to be short of, n each."""
        return expected_shortage(self.levels, self.quantiles, self.scales, stock)


@dataclass(frozen=True)
class PublishedTotals:
    """The distribution of total demand as the forecast publishes it for n items, in units.

    `quantiles`: n x windows x levels, ascending in both; `daily_tail`: expected demand of a day past them.
    """

    windows: Sequence[int]
    levels: Sequence[float]
    quantiles: Floats
    daily_tail: Floats

    def over(self, days: Ints) -> TotalOver:
        """The distribution over each item's own number of days."""
        return TotalOver(
            levels=self.levels,
            quantiles=quantiles_over(days, self.windows, self.quantiles, self.daily_tail),
            scales=tail_scales(days, self.windows, self.levels, self.quantiles),
        )

    def at_windows(self, service_level: Floats) -> Floats:
        """`demand_at_level` over each of the windows (n x windows), where nothing is to be interpolated."""
        shape = self.quantiles.shape[:2]
        units = quantile_at(
            np.repeat(service_level, shape[1]),
            self.levels,
            self.quantiles.reshape(-1, len(self.levels)),
            window_scales(self.levels, self.quantiles).ravel(),
        )
        return units.reshape(shape)


def demand_at_level(totals: PublishedTotals, service_level: float | Floats, days: Ints) -> Floats:
    """The units that suffice for each item's own number of `days` with this probability.

    `service_level` in (0, 1), one for all items or one each. 0 where nothing is expected to sell. Never falls with the
    level or the days.
    """
    published = totals.over(days)
    return quantile_at(service_level, totals.levels, published.quantiles, published.scales)


def days_covered(totals: PublishedTotals, service_level: Floats, units: Floats) -> Floats:
    """For how many days so many units suffice with each item's probability: the inverse of `demand_at_level`.

    Past the longest window at the pace of `daily_tail`; infinite where nothing is expected to sell then.
    """
    lengths = np.concatenate([[0.0], np.asarray(totals.windows, dtype=np.float64)])
    items = len(units)
    suffice = np.pad(totals.at_windows(service_level), ((0, 0), (1, 0)))
    row = np.arange(items)
    after = np.minimum((suffice <= units[:, None]).sum(axis=1), len(lengths) - 1)
    before = np.maximum(after - 1, 0)
    gap = suffice[row, after] - suffice[row, before]
    share = np.divide(units - suffice[row, before], gap, out=np.zeros(items), where=gap > 0).clip(0, 1)
    inside = lengths[before] + share * (lengths[after] - lengths[before])
    left = units - suffice[:, -1]
    tail = np.maximum(totals.daily_tail, 0)
    beyond = lengths[-1] + np.divide(left, tail, out=np.full(items, np.inf), where=tail > 0)
    return np.where(units < 0, 0.0, np.where(left >= 0, beyond, inside))


def order_cycle_days(daily_demand: Floats, moq: Ints, packaging_qty: Ints, review_days: int) -> Floats:
    """How long what an item is ordered in lasts (quantities in thousandths, demand in units a day), from one review
    period to a year: so often can it run out, once at the end of each such cycle."""
    smallest = np.maximum(moq, packaging_qty) / UNITS
    lasts = np.divide(smallest, daily_demand, out=np.full(len(smallest), np.inf), where=daily_demand > 0)
    return np.clip(lasts, max(review_days, 1), max(review_days, _LONGEST_CYCLE_DAYS))


@dataclass(frozen=True)
class ServiceLevels:
    """A client's service levels: `mean` in (0, 1) over all order cycles, and who gets more of it and who less.

    Least stock at cost for a given loss has the chance of running out in a cycle proportional to what a unit costs, to
    the cycle, and inversely to what losing the sale of a unit counts (a penalty for each unit short: Silver, Pyke and
    Thomas 2017, chapter 6): 1 - level = k x weight x cycle, with k such that the mean holds, in which an item counts as
    often as it is ordered. `weight` is the unit cost where lost units count alike, its share of the price where a lost
    unit counts as what it would have brought; 0: not known, such an item has the mean. `log_factor` is the logarithm of
    k; None: every item has the mean. Levels stay within 0.3 and 0.9999, widened where the mean itself lies outside.
    """

    mean: float
    log_factor: float | None = None

    @classmethod
    def allocated(cls, mean: float, weight: Floats, cycle_days: Floats) -> ServiceLevels:
        """Levels that are high where a unit weighs little and is ordered often, lower where it weighs more or an order
        lasts long anyway. To be called with all that a client orders. Without any weight all levels are equal."""
        known = weight > 0
        if not known.any():
            return cls(mean)
        missing, (least, most) = 1 - mean, _limits(mean)
        log_weight, often = np.log(weight[known]) + np.log(cycle_days[known]), 1 / cycle_days[known]
        low, high = np.log(least) - log_weight.max(), np.log(most) - log_weight.min()
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if np.average(_shortage(middle, log_weight, least, most), weights=often) < missing:
                low = middle
            else:
                high = middle
        return cls(mean, float((low + high) / 2))

    def of(self, weight: Floats, cycle_days: Floats) -> Floats:
        """The level of each item."""
        levels = np.full(len(weight), self.mean)
        if self.log_factor is not None:
            known = weight > 0
            log_weight = np.log(weight[known]) + np.log(cycle_days[known])
            levels[known] = 1 - _shortage(self.log_factor, log_weight, *_limits(self.mean))
        return levels


def _limits(mean: float) -> tuple[float, float]:
    """The least and the most chance of running out in a cycle."""
    return min(1 - mean, 1 - MOST_LEVEL), max(1 - mean, 1 - LEAST_LEVEL)


def _shortage(log_factor: float, log_weight: Floats, least: float, most: float) -> Floats:
    """The chance of running out, in logarithms so that no weight is too small or too large."""
    result: Floats = np.clip(np.exp(np.minimum(log_factor + log_weight, 0.0)), least, most)
    return result
