"""The calibrated distribution of total demand over a window, read at any window length and any stock.

Published by the forecast job as quantiles over a few window lengths. Between lengths the quantiles are interpolated
linearly, so a longer window never has a smaller quantile. Beyond the last level the tail falls exponentially at the
rate of the last two published quantiles. Arrays are series x windows x levels, units of stock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def quantiles_over(days: NDArray[np.int64], windows: Sequence[int], table: Floats, daily_tail: Floats) -> Floats:
    """Quantiles (series x levels) of demand over each series' own number of `days`.

    `table` holds the quantiles over `windows` days (series x windows x levels); past the longest window every quantile
    grows by `daily_tail` (series), the expected demand of a day at the end of the horizon.
    """
    lengths = np.concatenate([[0], np.asarray(windows, dtype=np.float64)])
    anchored = np.concatenate([np.zeros_like(table[:, :1, :]), table], axis=1)
    inside = np.clip(days.astype(np.float64), 0, lengths[-1])
    upper = np.clip(np.searchsorted(lengths, inside, side="left"), 1, len(lengths) - 1)
    weight = ((inside - lengths[upper - 1]) / (lengths[upper] - lengths[upper - 1]))[:, None]
    row = np.arange(len(days))
    between = anchored[row, upper - 1] * (1 - weight) + anchored[row, upper] * weight
    beyond = np.maximum(days - lengths[-1], 0) * np.maximum(daily_tail, 0)
    return between + beyond[:, None]


def exceedance(levels: Sequence[float], quantiles: Floats, stock: Floats) -> Floats:
    """P(demand > stock) per series, from quantiles (series x levels, ascending) of demand. Never rises with stock."""
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
    # P(X > x) = (1 - l_n) exp(-(x - q_n) / s), with s such that the curve passes through the two last quantiles.
    scale = (quantiles[:, last] - quantiles[:, last - 1]) / math.log((1 - level[last - 1]) / (1 - level[last]))
    excess = np.divide(stock - quantiles[:, last], scale, out=np.full_like(stock, np.inf), where=scale > 0)
    tail = (1 - level[last]) * np.exp(-excess)
    return np.where(stock < 0, np.where(quantiles[:, last] > 0, 1.0, 0.0), np.where(covered > last, tail, inside))


def normal_exceedance(mean: Floats, variance: Floats, stock: Floats) -> Floats:
    """P(demand > stock) for normal demand: for items without a forecast, from the moments of their past."""
    deviation = np.sqrt(np.maximum(variance, 0))
    score = np.divide(stock - mean, deviation, out=np.where(stock >= mean, np.inf, -np.inf), where=deviation > 0)
    return np.array([0.5 * math.erfc(one / math.sqrt(2)) for one in score])
