"""How good a forecast was, compared with what sold. Unknown demand (NaN) is left out of every score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class DailyScores:
    """Of daily forecasts: `wql`, `wape` and `mase` of quantiles and median, `rmse` (units) and `bias` of the
    mean; `wql`, `wape` and `bias` relative to the units sold. Lower is better, a bias is best at 0."""

    wql: float
    wape: float
    mase: float
    rmse: float
    bias: float


@dataclass(frozen=True)
class TotalScores:
    """Of the totals over a window. `coverage[level]`: the share of actuals at or below the quantile, at best the level
    itself. `stock`: units of the 0.9 quantile per unit sold, the price of that service."""

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


def mean_absolute_scaled_error(actual: Array, forecast: Array, scale: Array) -> float:
    """Mean of |actual - forecast| / `scale`; the arrays are series x days, the scale per series.

    Hyndman and Koehler 2006, "Another look at measures of forecast accuracy". Series without a scale (0) are left out;
    NaN without any.
    """
    scaled = np.isfinite(actual) & (scale > 0)[:, None]
    error = np.abs(actual - forecast) / np.where(scale > 0, scale, 1)[:, None]
    return float(error[scaled].mean()) if scaled.any() else float("nan")


def seasonal_naive_error(units: Array, period_days: int) -> NDArray[np.float64]:
    """Per series: the mean absolute difference of days one period apart, the scale of the MASE; 0 where none is known.

    `units`: series x days.
    """
    change = np.abs(units[:, period_days:] - units[:, :-period_days])
    known = np.isfinite(change)
    count = known.sum(axis=1)
    total = np.where(known, change, 0).sum(axis=1, dtype=np.float64)
    return np.divide(total, count, out=np.zeros(len(units)), where=count > 0)


def root_mean_squared_error(actual: Array, forecast: Array) -> float:
    """In units. NaN where nothing is known."""
    known = ~np.isnan(actual)
    error = (actual - forecast)[known].astype(np.float64)
    return float(np.sqrt((error**2).mean())) if known.any() else float("nan")


def relative_bias(actual: Array, forecast: Array) -> float:
    """sum (forecast - actual) / sum actual. NaN when nothing sold."""
    known = ~np.isnan(actual)
    return _ratio(float((forecast[known] - actual[known]).sum(dtype=np.float64)), float(actual[known].sum()))


def coverage(actual: Array, quantiles: Array, levels: Sequence[float]) -> dict[float, float]:
    """Per level: the share of actuals that are not above the quantile."""
    known = ~np.isnan(actual)
    within = actual[known][:, None] <= quantiles[known]
    return {level: float(within[:, index].mean()) if known.any() else np.nan for index, level in enumerate(levels)}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
