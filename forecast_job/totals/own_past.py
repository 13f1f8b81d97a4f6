"""What an item sold in its own past windows, mixed into the distribution that is pooled over similar items.

A pooled distribution knows that some item of a group will have a bulk order, not which. The published distribution is
the posterior mean of a Dirichlet process (Ferguson 1973, "A Bayesian analysis of some nonparametric problems"): the
pooled one counts like `_POOLED_WINDOWS` past windows of the item's own, so that an item that has had bulk orders is
stocked for the next, and one that never had is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job.client_history.season_and_open_days import YEAR_DAYS
from forecast_job.totals.calibration import KNOWN_SHARE, WindowTotals
from forecast_job.totals.expected_total import IDLE_FROM_DAYS
from shared.arrays import Bools, Floats, Floats32
from shared.domain.planning.demand_distribution import quantile_at, window_scales

# Chosen with the replay on August 2010 to March 2011; from 20 to 45 it makes no difference there.
_POOLED_WINDOWS = 30.0
_MOST_GROWTH = 2.0  # of past totals on the way to today's level: one good month is no reason to stock for ten
_AWAKE_DAYS = IDLE_FROM_DAYS[0] - 1
_STEP_DAYS = 7
_EDGES = np.concatenate(
    [np.linspace(0, 0.96, 49), [0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999, 0.9997, 1.0]]
)
_BLOCK_SERIES = 4096


def with_own_past(
    totals: WindowTotals, units: Floats32, day_shares: Floats, windows: Sequence[int], levels: Sequence[float]
) -> WindowTotals:
    """The pooled distributions mixed with each series' own past; the means stay as they are.

    `units`: series x days up to now, NaN unknown; what is unknown in a window counts like the rest of it, each day as
    its part of `day_shares` (what the client's days are of an average open one: ClientHistory.day_shares). Past totals
    are brought to today's level: their mean becomes the pooled one, so that only their shape counts. An item that has
    not sold for a month has left the regime of its past windows: its distribution stays that of its recency group.
    """
    result = totals.quantiles.astype(np.float64)
    awake = np.flatnonzero((units[:, -_AWAKE_DAYS:] > 0).any(axis=1))
    for start in range(0, len(awake), _BLOCK_SERIES):
        rows = awake[start : start + _BLOCK_SERIES]
        past = _Past.of(units[rows, -YEAR_DAYS:], day_shares[-YEAR_DAYS:])
        for index, window in enumerate(windows):
            if window <= past.days:
                own, share = past.totals(window, totals.mean[rows, index].astype(np.float64))
                result[rows, index] = _mixed(result[rows, index], own, share, levels)
    result = np.maximum.accumulate(np.maximum.accumulate(result, axis=2), axis=1)
    return WindowTotals(result.astype(np.float32), totals.mean)


@dataclass(frozen=True)
class _Past:
    """What series sold, and how much of the client's days is known of them, before each day of the last year: series x
    (days + 1). `due`: all of the client's days, 1 x (days + 1)."""

    sold: Floats
    seen: Floats
    due: Floats

    @classmethod
    def of(cls, recent: Floats32, day_shares: Floats) -> _Past:
        known = ~np.isnan(recent)
        return cls(_summed(np.where(known, recent, 0)), _summed(known * day_shares), _summed(day_shares[None, :]))

    @property
    def days(self) -> int:
        return self.sold.shape[1] - 1

    def totals(self, window: int, expected: Floats) -> tuple[Floats, Floats]:
        """The totals of past windows (series x m, NaN unknown) at today's level, and the weight they have together."""
        ends = np.arange(self.days, window - 1, -_STEP_DAYS)
        due = self.due[:, ends] - self.due[:, ends - window]
        share = np.where(due > 0, (self.seen[:, ends] - self.seen[:, ends - window]) / np.where(due > 0, due, 1), 0.0)
        usable = share >= KNOWN_SHARE
        sold = self.sold[:, ends] - self.sold[:, ends - window]
        totals = np.where(usable, sold / np.where(usable, share, 1), np.nan)
        count = usable.sum(axis=1)
        average = np.where(usable, totals, 0).sum(axis=1) / np.maximum(count, 1)
        growth = np.minimum(np.divide(expected, average, out=np.ones(len(sold)), where=average > 0), _MOST_GROWTH)
        independent = np.where(count > 0, (count - 1) * _STEP_DAYS / window + 1, 0.0)
        independent = np.minimum(independent, count)
        return totals * growth[:, None], independent / (independent + _POOLED_WINDOWS)


def _summed(daily: Floats | Floats32 | Bools) -> Floats:
    """The sum of the days before each."""
    return np.pad(np.cumsum(daily, axis=1, dtype=np.float64), ((0, 0), (1, 0)))


def _mixed(pooled: Floats, own: Floats, share: Floats, levels: Sequence[float]) -> Floats:
    """Quantiles (series x levels) of the mixture: `share` (series) of the weight is on the `own` totals."""
    middles = (_EDGES[1:] + _EDGES[:-1]) / 2
    scales = window_scales(levels, pooled[:, None])[:, 0]
    points = np.stack([quantile_at(float(m), levels, pooled, scales) for m in middles], axis=1)
    known = ~np.isnan(own)
    count = known.sum(axis=1)
    own_weight = np.where(known, (share / np.maximum(count, 1))[:, None], 0.0)
    weight = np.concatenate(
        [(1 - np.where(count > 0, share, 0.0))[:, None] * np.diff(_EDGES)[None, :], own_weight], axis=1
    )
    values = np.concatenate([points, np.where(known, own, np.inf)], axis=1)
    order = np.argsort(values, axis=1)
    values, weight = np.take_along_axis(values, order, axis=1), np.take_along_axis(weight, order, axis=1)
    position = np.cumsum(weight, axis=1) - weight / 2
    row = np.arange(len(values))
    result = np.empty_like(pooled)
    for index, level in enumerate(levels):
        above = (position < level).sum(axis=1).clip(1, values.shape[1] - 1)
        low, high = position[row, above - 1], position[row, above]
        part = np.divide(level - low, high - low, out=np.zeros_like(low), where=high > low).clip(0, 1)
        first, second = values[row, above - 1], values[row, above]
        second = np.where(np.isfinite(second), second, first)
        result[:, index] = first + (second - first) * part
    return np.where(pooled[:, -1:] > 0, result, 0.0)
