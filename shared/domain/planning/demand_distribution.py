"""The calibrated distribution of total demand over a window, read at any window length and any stock.

Published by the forecast job as quantiles over a few window lengths. Between lengths the quantiles are interpolated
linearly, so a longer window never has a smaller quantile. Beyond the last level the tail falls exponentially, as fast
as the last two published quantiles say. Arrays are series x windows x levels, units of stock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from shared.arrays import Floats, Ints


def quantiles_over(days: Ints, windows: Sequence[int], table: Floats, daily_tail: Floats) -> Floats:
    """Quantiles (series x levels) of demand over each series' own number of `days`.

    `table` holds the quantiles over `windows` days (series x windows x levels); past the longest window every quantile
    grows by `daily_tail` (series), the expected demand of a day at the end of the horizon.
    """
    beyond = np.maximum(days - windows[-1], 0) * np.maximum(daily_tail, 0)
    return _interpolated(days, windows, table) + beyond[:, None]


def tail_scales(days: Ints, windows: Sequence[int], levels: Sequence[float], table: Floats) -> Floats:
    """The scale (series; units of stock) of the exponential tail beyond the last level, over each series' `days`.

    Between the windows as the quantiles are.
    """
    return _interpolated(days, windows, _last_gaps(table)[:, :, None])[:, 0] / _tail_of_last_gap(levels)


def window_scales(levels: Sequence[float], table: Floats) -> Floats:
    """The same over each of the windows (series x windows); 0 where there is but one level.

    Such that the tail passes through the last two quantiles, but never shorter than that of a shorter window: two
    quantiles may move together as the window grows, and a longer lead time must not lower a risk.
    """
    if len(levels) < 2:
        return np.zeros(table.shape[:2])
    return _last_gaps(table) / _tail_of_last_gap(levels)


def exceedance(levels: Sequence[float], quantiles: Floats, scales: Floats, stock: Floats) -> Floats:
    """P(demand > stock) per series, from quantiles (series x levels, ascending) of demand. Never rises with stock.

    Beyond the last quantile q of level l it is (1 - l) exp(-(stock - q) / scale), with a scale per series.
    """
    level = np.asarray(levels, dtype=np.float64)
    row = np.arange(len(stock))
    covered = (quantiles <= stock[:, None]).sum(axis=1)
    last = len(level) - 1
    above = np.minimum(covered, last)
    below = np.maximum(covered - 1, 0)
    low_quantile = np.where(covered > 0, quantiles[row, below], 0.0)
    low_level = np.where(covered > 0, level[below], 0.0)
    gap = quantiles[row, above] - low_quantile
    share = np.divide(stock - low_quantile, gap, out=np.zeros_like(stock), where=gap > 0)
    inside = 1 - (low_level + (level[above] - low_level) * np.clip(share, 0, 1))
    over = np.maximum(stock - quantiles[:, last], 0)
    tail = (1 - level[last]) * np.exp(-np.divide(over, scales, out=np.full_like(stock, np.inf), where=scales > 0))
    return np.where(stock < 0, np.where(quantiles[:, last] > 0, 1.0, 0.0), np.where(covered > last, tail, inside))


def expected_shortage(levels: Sequence[float], quantiles: Floats, scales: Floats, stock: Floats) -> Floats:
    """E[max(demand - stock, 0)] per series, of the distribution that `exceedance` reads. Never rises with stock.

    The integral of the quantile function above the stock: demand grows linearly from 0 to the first quantile and from
    each to the next, and exponentially beyond the last.
    """
    grid = np.concatenate([[0.0], np.asarray(levels, dtype=np.float64)])
    short = np.concatenate([np.zeros_like(quantiles[:, :1]), quantiles], axis=1) - stock[:, None]
    low, high = short[:, :-1], short[:, 1:]
    rise = high - low
    # Of a step that begins below the stock only the part above it counts: a triangle instead of a trapezium.
    above = np.maximum(high, 0)
    part = np.divide(above**2, 2 * rise, out=np.zeros_like(rise), where=(low < 0) & (rise > 0))
    within = (np.where(low < 0, part, (low + high) / 2) * np.diff(grid)).sum(axis=1)
    over = np.maximum(-short[:, -1], 0)
    spread = np.exp(-np.divide(over, scales, out=np.full_like(stock, np.inf), where=scales > 0))
    tail = (1 - grid[-1]) * (np.maximum(short[:, -1], 0) + np.where(scales > 0, scales * spread, 0.0))
    return np.where(quantiles[:, -1] > 0, within + tail, 0.0)


def quantile_at(level: float | Floats, levels: Sequence[float], quantiles: Floats, scales: Floats) -> Floats:
    """The demand (series) not exceeded with this probability, one for all or one each: the inverse of `exceedance`."""
    grid = np.concatenate([[0.0], np.asarray(levels, dtype=np.float64)])
    target = np.broadcast_to(np.asarray(level, dtype=np.float64), scales.shape)
    above = np.clip(np.searchsorted(grid, target, side="left"), 1, len(grid) - 1)
    anchored = np.concatenate([np.zeros_like(quantiles[:, :1]), quantiles], axis=1)
    row = np.arange(len(scales))
    weight = np.minimum((target - grid[above - 1]) / (grid[above] - grid[above - 1]), 1)
    inside = anchored[row, above - 1] * (1 - weight) + anchored[row, above] * weight
    return inside + scales * np.log((1 - grid[-1]) / (1 - np.maximum(target, grid[-1])))


def normal_quantile_at(level: float | Floats, mean: Floats, variance: Floats) -> Floats:
    """The same for normal demand, never below 0."""
    distinct, place = np.unique(np.broadcast_to(level, mean.shape), return_inverse=True)
    deviations = np.array([NormalDist().inv_cdf(value) for value in distinct.tolist()])[place]
    return np.maximum(mean + deviations * np.sqrt(np.maximum(variance, 0)), 0.0)


def normal_exceedance(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """P(demand > stock) for normal demand: for items without a forecast, from the moments of their past."""
    deviation = np.sqrt(np.maximum(variance, 0))
    with np.errstate(over="ignore"):  # a deviation next to nothing: infinitely many of them, which is right
        score = np.divide(stock - mean, deviation, out=np.where(stock >= mean, np.inf, -np.inf), where=deviation > 0)
    score[stock < 0] = -np.inf  # demand is not negative, whatever the normal curve says
    return np.array([0.5 * math.erfc(value / math.sqrt(2)) for value in score])


def normal_shortage(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """E[max(demand - stock, 0)] per series for normal demand: the loss function of Silver, Pyke and Thomas (2017),
    appendix II."""
    deviation = np.sqrt(np.maximum(variance, 0))
    lacking = mean - np.maximum(stock, 0)
    score = np.divide(-lacking, deviation, out=np.where(lacking > 0, -np.inf, np.inf), where=deviation > 0)
    density = np.exp(-0.5 * np.minimum(np.abs(score), 40.0) ** 2) / math.sqrt(2 * math.pi)
    above = normal_exceedance(mean, variance, np.maximum(stock, 0))
    return np.maximum(deviation * density + lacking * above, 0.0) + np.where(mean > 0, np.maximum(-stock, 0), 0.0)


def _last_gaps(table: Floats) -> Floats:
    """Series x windows: between the last two quantiles, or that of a shorter window if it is larger."""
    return np.maximum.accumulate(table[:, :, -1] - table[:, :, -2], axis=1)


def _tail_of_last_gap(levels: Sequence[float]) -> float:
    """How many scales of the tail lie between the last two levels."""
    return math.log((1 - levels[-2]) / (1 - levels[-1]))


def _interpolated(days: Ints, windows: Sequence[int], table: Floats) -> Floats:
    """`table` (series x windows x columns) at each series' `days`: 0 at none, linear between, then level."""
    lengths = np.concatenate([[0], np.asarray(windows, dtype=np.float64)])
    anchored = np.concatenate([np.zeros_like(table[:, :1, :]), table], axis=1)
    inside = np.clip(days.astype(np.float64), 0, lengths[-1])
    upper = np.clip(np.searchsorted(lengths, inside, side="left"), 1, len(lengths) - 1)
    weight = ((inside - lengths[upper - 1]) / (lengths[upper] - lengths[upper - 1]))[:, None]
    row = np.arange(len(days))
    return anchored[row, upper - 1] * (1 - weight) + anchored[row, upper] * weight
