"""How good a forecast was, against what then sold. Unknown demand (NaN) is left out of every score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Scores:
    """`wql`, `wape`: relative to the units sold, lower is better. `coverage[level]`: the share of actuals at or below
    the quantile of the window total, at best the level itself. `stock`: units of the .9 quantile of the total per unit
    sold, what that service costs."""

    wql: float
    wape: float
    coverage: dict[float, float]
    stock: float


def weighted_quantile_loss(actual: Array, quantiles: Array, levels: Sequence[float]) -> float:
    """Mean over levels of 2 x pinball loss / units sold; `quantiles` has one axis more than `actual`, the levels.

    As in Park et al. 2022, "Learning quantile functions without quantile crossing", and GluonTS. NaN when nothing sold.
    """
    known, level = ~np.isnan(actual), np.asarray(levels)
    error = actual[known][:, None] - quantiles[known]
    loss = 2 * np.maximum(error * level, -error * (1 - level)).sum(axis=0)
    return _ratio(float(loss.mean()), float(actual[known].sum()))


def pinball_losses(actual: Array, quantiles: Array, levels: Sequence[float]) -> NDArray[np.float64]:
    """Per series: 2 x pinball loss in units, summed over its days and the mean over levels; unknown days count 0.

    `actual`: series x days, `quantiles`: series x days x levels.
    """
    level = np.asarray(levels)
    error = np.nan_to_num(actual)[..., None] - quantiles
    loss: NDArray[np.float64] = 2 * np.maximum(error * level, -error * (1 - level)).mean(axis=2)
    return np.where(np.isnan(actual), 0.0, loss).sum(axis=1)


def weighted_absolute_percentage_error(actual: Array, forecast: Array) -> float:
    """sum |actual - forecast| / sum actual. NaN when nothing sold."""
    known = ~np.isnan(actual)
    return _ratio(float(np.abs(actual[known] - forecast[known]).sum()), float(actual[known].sum()))


def coverage(actual: Array, quantiles: Array, levels: Sequence[float]) -> dict[float, float]:
    """Per level: the share of actuals that are not above the quantile."""
    known = ~np.isnan(actual)
    within = actual[known][:, None] <= quantiles[known]
    return {level: float(within[:, index].mean()) if known.any() else np.nan for index, level in enumerate(levels)}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
