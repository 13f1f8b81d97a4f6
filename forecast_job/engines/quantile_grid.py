"""From a model's own quantile levels to the published ones, and to the mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.arrays import Floats


def interpolation(source: Sequence[float], target: Sequence[float]) -> Floats:
    """`source` x `target` levels: quantiles at the former times this are those at the latter.

    Linear in the level between the two nearest; beyond the outermost source level, its own quantile.
    """
    levels, target_levels = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    return np.stack([np.interp(target_levels, levels, unit) for unit in np.eye(len(levels))])


def mean_weights(source: Sequence[float]) -> Floats:
    """Per level of `source` (at least two, ascending): quantiles times this, summed, are the mean.

    The mean is the integral of the quantile function over (0, 1): the trapezium rule between the levels; below the
    lowest its own quantile; above the highest an exponential tail through the two highest, whose mean excess is
    (q2 - q1) / ln((1 - p1) / (1 - p2)). A demand that sells on fewer days than the highest level sees has mean 0 by it.
    """
    levels = np.asarray(source, dtype=np.float64)
    if len(levels) < 2 or (np.diff(levels) <= 0).any() or levels[0] <= 0 or levels[-1] >= 1:
        raise ValueError(f"a mean needs two or more ascending levels between 0 and 1, got {list(source)}")
    weights = np.zeros(len(levels))
    gaps = np.diff(levels)
    weights[:-1] += gaps / 2
    weights[1:] += gaps / 2
    weights[0] += levels[0]
    tail = 1 - levels[-1]
    excess = tail / np.log((1 - levels[-2]) / tail)
    weights[-1] += tail + excess
    weights[-2] -= excess
    return weights
