"""What a client's items all sell more or less than expected, and how much of it lasts.

The errors of one origin have a part in common: the client grows, or a season comes that the history has not seen. Where
that part lasted from one window to the next, the latest known one is expected again, as far as it lasted: a first-order
autoregression that counts only as far as it is beyond chance. Without it the errors of a growing client say what was
too little on average, half a year ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast_job.totals.expected_total import YOUNG
from forecast_job.totals.pooled_errors import Errors
from shared.arrays import Floats

_LEAST_SERIES = 100  # of fewer, a single one might move all others
_MOST_ERROR = 3.0  # an error counts with at most so many times its scale
_MOST_DEVIATIONS = 2.5  # the days around Christmas say little of the weeks after
_PENALTY = 2.0  # variances of the share that lasts, taken off its square
_FACTOR_LIMITS = (0.5, 2.0)


def without_what_lasts(origins: Sequence[Errors], overlap: float) -> tuple[list[Errors], float]:
    """The errors against what would have been expected with the part that lasts, and the factor of what is now.

    `origins`: the errors at weekly origins, the latest first, whose window is the last one that is known; `overlap`:
    how many of these windows share a day. At an origin those of at least so many weeks before were known.
    """
    common = np.array([_common(errors) for errors in origins])
    lag = int(np.ceil(overlap))
    expected, following = _lasting(common, _weights(origins), lag, overlap)
    shifted = [
        replace(errors, error=errors.error - errors.leverage * part)
        for errors, part in zip(origins, expected, strict=True)
    ]
    return shifted, float(np.clip(1 + following, *_FACTOR_LIMITS))


def _common(errors: Errors) -> float:
    """What items that are long known sold more than expected, as a share of that: the least squares of their errors.
    NaN where they are too few."""
    chosen = errors[errors.kind <= YOUNG]
    squares = float((chosen.leverage**2).sum())
    if len(chosen.error) < _LEAST_SERIES or squares <= 0:
        return np.nan
    return float((chosen.leverage * chosen.error.clip(-_MOST_ERROR, _MOST_ERROR)).sum()) / squares


def _weights(origins: Sequence[Errors]) -> Floats:
    return np.array([errors.weight[0] if len(errors.weight) else 0.0 for errors in origins])


def _lasting(common: Floats, weight: Floats, lag: int, overlap: float) -> tuple[Floats, float]:
    """What was to be expected of the common part at each origin, and what is now, beyond its mean."""
    nothing = np.zeros(len(common))
    known = np.isfinite(common) & (weight > 0)
    if not known.any():
        return nothing, 0.0
    usual = np.average(common[known], weights=weight[known])
    spread = np.sqrt(np.average((common[known] - usual) ** 2, weights=weight[known]))
    part = np.where(known, common - usual, 0.0).clip(-_MOST_DEVIATIONS * spread, _MOST_DEVIATIONS * spread)
    before, after = part[lag:], part[: max(len(part) - lag, 0)]
    pairs = np.where(known[lag:] & known[: len(after)], weight[: len(after)], 0.0)
    share = _share(before, after, pairs, overlap)
    expected = nothing.copy()
    expected[: len(after)] = share * before
    return expected, share * float(part[0])


def _share(before: Floats, after: Floats, weight: Floats, overlap: float) -> float:
    """How much of the part `before` is found again `after`: the slope, reduced by its own uncertainty."""
    squares, product = float((weight * before**2).sum()), float((weight * before * after).sum())
    if squares <= 0 or product <= 0:
        return 0.0
    pairs = float(weight.sum()) ** 2 / float((weight**2).sum()) / overlap
    unexplained = max(float((weight * after**2).sum()) - product**2 / squares, 0.0)
    variance = unexplained / squares / max(pairs, 1.0)
    slope = product / squares
    return float(np.clip(slope * max(1 - _PENALTY * variance / slope**2, 0), 0, 1))
