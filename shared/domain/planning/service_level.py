"""How much demand a service level covers, and which level each item gets: what `ordering_policy` is made of.

One-off bulk orders are kept apart from the base demand by how the forecast is made: a day counts with at most 20 times
the item's typical day in its level (`forecast_job.client_history.level`), so a bulk order lives in the tail.
Whether stock is held for it is then a question of the level, which `allocated_levels` answers by what a unit costs, and
of whether the item has had such orders before, which `OwnTotals` know: the published tail is pooled over similar items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.arrays import Floats, Ints
from shared.domain.planning.demand_distribution import exceedance, quantile_at, quantiles_over, tail_scales
from shared.domain.planning.quantities import UNITS

_LEAST_LEVEL, _MOST_LEVEL = 0.3, 0.9999  # the tail is known that far, and no item is given up
_LONGEST_CYCLE_DAYS = 365.0
_HALVINGS = 60
# The pooled distribution counts like so many past windows of the item's own. Chosen with the replay on August 2010 to
# March 2011; from 20 to 45 it makes no difference there.
_POOLED_WINDOWS = 30.0


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


@dataclass(frozen=True)
class OwnTotals:
    """What n items sold in past windows, each as long as the one to be covered now.

    `totals`: n x m, units at today's level of demand, NaN where there is no such window; `independent`: how many of an
    item's windows do not overlap.
    """

    totals: Floats
    independent: Floats

    def rows(self, chosen: Ints) -> OwnTotals:
        """Those of some items."""
        return OwnTotals(self.totals[chosen], self.independent[chosen])


def demand_at_level(
    totals: PublishedTotals, service_level: float | Floats, days: Ints, own: OwnTotals | None = None
) -> Floats:
    """The units that suffice for each item's own number of `days` with this probability.

    `service_level` in (0, 1), one for all items or one each. 0 where nothing is expected to sell. Never falls with the
    level; without `own` never with the days either.

    With `own` the distribution is that of the item's own past windows, shrunk to the published one, which counts like
    30 windows more (the posterior mean of a Dirichlet process; Ferguson 1973, "A Bayesian analysis of some
    nonparametric problems"): an item that has had bulk orders is stocked for the next, one that never had is not.
    """
    published = totals.over(days)
    units = quantile_at(service_level, totals.levels, published.quantiles, published.scales)
    if own is None:
        return units
    return _with_own(units, 1 - np.broadcast_to(service_level, units.shape), published, own)


def order_cycle_days(daily_demand: Floats, moq: Ints, packaging_qty: Ints, review_days: int) -> Floats:
    """How long what an item is ordered in lasts (quantities in thousandths, demand in units a day), from one review
    period to a year: so often can it run out, once at the end of each such cycle."""
    smallest = np.maximum(moq, packaging_qty) / UNITS
    lasts = np.divide(smallest, daily_demand, out=np.full(len(smallest), np.inf), where=daily_demand > 0)
    return np.clip(lasts, max(review_days, 1), max(review_days, _LONGEST_CYCLE_DAYS))


def allocated_levels(mean_level: float, unit_cost: Floats, cycle_days: Floats) -> Floats:
    """A service level for each item, `mean_level` on average over all order cycles: high where a unit is cheap and is
    ordered often, lower where it is dear or an order lasts long anyway.

    Units are lost alike, but held at their cost. Least stock at cost for a given number of lost units has the chance
    of running out in a cycle proportional to unit cost and cycle (a penalty for each unit short: Silver, Pyke and
    Thomas 2017, chapter 6): 1 - level = k x cost x cycle, with k such that the mean holds, in which an item counts as
    often as it is ordered. Levels stay within 0.3 and 0.9999, widened where the mean itself lies outside. Items without
    a cost (0) count as the cheapest; without any cost all levels are equal.
    """
    missing = 1 - mean_level
    if not len(unit_cost) or not (unit_cost > 0).any():
        return np.full(len(unit_cost), mean_level)
    least, most = min(missing, 1 - _MOST_LEVEL), max(missing, 1 - _LEAST_LEVEL)
    log_cost = np.log(unit_cost, out=np.full(len(unit_cost), -np.inf), where=unit_cost > 0) + np.log(cycle_days)
    known = log_cost[unit_cost > 0]
    low, high = np.log(least) - known.max(), np.log(most) - known.min()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if np.average(_shortage(middle, log_cost, least, most), weights=1 / cycle_days) < missing:
            low = middle
        else:
            high = middle
    return 1 - _shortage((low + high) / 2, log_cost, least, most)


def _shortage(log_factor: float, log_cost: Floats, least: float, most: float) -> Floats:
    """The chance of running out, in logarithms so that no cost is too small or too large."""
    result: Floats = np.clip(np.exp(np.minimum(log_factor + log_cost, 0.0)), least, most)
    return result


def _with_own(alone: Floats, shortage: Floats, published: TotalOver, own: OwnTotals) -> Floats:
    """The stock that own and published totals together exceed with the probability `shortage`.

    It lies between what each of the two asks for alone; `alone` is what the published one does.
    """
    known = ~np.isnan(own.totals)
    count = known.sum(axis=1)
    share = np.where(count > 0, own.independent / (own.independent + _POOLED_WINDOWS), 0.0)
    low, high = np.zeros_like(alone), np.maximum(alone, np.where(known, own.totals, 0).max(axis=1, initial=0))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = (own.totals > middle[:, None]).sum(axis=1) / np.maximum(count, 1)
        exceeded = share * above + (1 - share) * published.exceedance(middle)
        low, high = np.where(exceeded > shortage, middle, low), np.where(exceeded > shortage, high, middle)
    return np.where(published.quantiles[:, -1] > 0, high, 0.0)
