"""From a model's own quantile levels to the published ones, and to the mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.arrays import Floats


def interpolation(given: Sequence[float], asked: Sequence[float]) -> Floats:
    """Given x asked levels: quantiles at the `given` levels times this are those at the `asked` ones.

    Linear in the level between the two nearest; beyond the outermost level given, its own quantile.
    """
    levels, wanted = np.asarray(given, dtype=np.float64), np.asarray(asked, dtype=np.float64)
    return np.stack([np.interp(wanted, levels, one) for one in np.eye(len(levels))])


def mean_weights(given: Sequence[float]) -> Floats:
    """Per given level (at least two, ascending): quantiles times this, summed, are the mean.

    The mean is the integral of the quantile function over (0, 1): the trapezium rule between the levels; below the
    lowest its own quantile; above the highest an exponential tail through the two highest, whose mean excess is
    (q2 - q1) / ln((1 - p1) / (1 - p2)). A demand that sells on fewer days than the highest level sees has mean 0 by it.
    """
    levels = np.asarray(given, dtype=np.float64)
    if len(levels) < 2 or (np.diff(levels) <= 0).any() or levels[0] <= 0 or levels[-1] >= 1:
        raise ValueError(f"a mean needs two or more ascending levels between 0 and 1, got {list(given)}")
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
