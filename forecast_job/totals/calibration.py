"""The distribution of *total* demand over a window, calibrated on the forecasts' own past errors.

Pooled split-conformal prediction (Lei et al. 2018, "Distribution-free predictive inference for regression", with the
scaled residuals of its section 5.2): the expected total at each weekly origin of the last year is compared with what
then sold. Errors are divided by a scale and pooled over items of similar activity; a quantile of the total is expected
total + pooled error quantile x scale. Nothing is added up from daily quantiles: the sum of daily 90 % quantiles is far
above the 90 % quantile of the sum.

Chosen on the demo's shop, origins October 2010 to August 2011, the last window ending 2011-08-17, before the scored
ones: 52 origins, so that every season counts, with a half-life of 20. Mean coverage there, of 14-day totals of the 500
most active items: 0.80, 0.90, 0.95 and 0.99 at those levels; within one such origin the shop as a whole moves it by up
to 0.04 at 0.80.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from forecast_job.client_history.level import BLOCK_DAYS, Expected, expect
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.client_history.weekday_index import WEEKDAYS
from forecast_job.demand.panel import Panel
from shared.arrays import Floats, Floats32

ORIGIN_STEP_DAYS = 7  # weekly, so that a window of some days starts on the weekday it is published for
_ORIGINS = 52
_ORIGIN_HALF_LIFE = 20.0
_FIRST_ORIGIN_DAYS = 70
_GROUPS = 8
_BUSIEST_SHARE = 0.04  # of the errors are in the group of the most active items, twelve times that in the least active
_LEAST_ERRORS = 200
_LEVEL_UNCERTAINTY = 0.1  # squared relative error of the level itself
_UNIT_VARIANCE = 1.0
_LEVEL_RATIO_LIMITS = (0.2, 5.0)
KNOWN_SHARE = 0.75  # windows with more unknown days than this leaves say nothing about a total
_MEAN_POINTS = 64


@dataclass(frozen=True)
class WindowTotals:
    """`quantiles`: series x windows x levels, ascending in both; `mean`: series x windows. Units, >= 0."""

    quantiles: Floats32
    mean: Floats32


@dataclass(frozen=True)
class _Errors:
    """Standardised errors of one window length, with the activity of their series and the weight of their origin."""

    error: Floats
    activity: Floats
    weight: Floats


@dataclass(frozen=True)
class Pooled:
    """Errors of one window length by group: the group's mean log `activity`, ascending; error `quantiles` (groups x
    levels); equally likely error `points` (groups x points), which keep the mean that quantiles lose."""

    activity: Floats
    quantiles: Floats
    points: Floats


@dataclass(frozen=True)
class Calibration:
    """What was learned from past errors, for each window length."""

    windows: tuple[int, ...]
    levels: tuple[float, ...]
    pooled: tuple[Pooled, ...]

    def totals(self, expected: Expected) -> WindowTotals:
        """The distribution of total demand over each window from the origin of `expected`."""
        position = _log(expected.activity)
        shape = (len(position), len(self.windows))
        quantiles = np.zeros((*shape, len(self.levels)))
        mean = np.zeros(shape)
        for index, window in enumerate(self.windows):
            total, scale = total_and_scale(expected, window)
            pooled = self.pooled[index]
            errors = _between(position, pooled.activity, pooled.quantiles)
            points = _between(position, pooled.activity, pooled.points)
            sells = (scale > 0)[:, None]
            quantiles[:, index] = np.where(sells, np.maximum(total[:, None] + errors * scale[:, None], 0), 0)
            mean[:, index] = np.where(sells, np.maximum(total[:, None] + points * scale[:, None], 0), 0).mean(axis=1)
        quantiles = np.maximum.accumulate(np.maximum.accumulate(quantiles, axis=2), axis=1)
        return WindowTotals(quantiles.astype(np.float32), np.maximum.accumulate(mean, axis=1).astype(np.float32))


def fit(
    panel: Panel,
    history: ClientHistory,
    windows: Sequence[int],
    levels: Sequence[float],
    steps: Iterable[int] | None = None,
) -> Calibration:
    """Learn the errors of the panel's series at earlier origins.

    `steps` iterates over `origin_steps(panel)`; the caller may wrap it to show progress.

    Uses at each origin only what was known then, closed days included. A window longer than any history allows gets the
    errors of the longest one; without enough errors they are taken as normally distributed.
    """
    rows = panel.distinct()
    units = panel.units[rows]
    collected: list[list[_Errors]] = [[] for _ in windows]
    for step in steps if steps is not None else origin_steps(panel):
        for index, errors in _errors_at(units, history, panel.days - step * ORIGIN_STEP_DAYS, windows):
            collected[index].append(errors)
    pooled, latest = [], _normal_errors(levels)
    for samples in collected:
        if sum(len(sample.error) for sample in samples) >= _LEAST_ERRORS:
            latest = _pool(samples, levels)
        pooled.append(latest)
    return Calibration(tuple(windows), tuple(levels), tuple(pooled))


def origin_steps(panel: Panel) -> range:
    """Weeks back from the panel's end at which there is an origin to learn from."""
    return range(1, min(_ORIGINS + 13, (panel.days - _FIRST_ORIGIN_DAYS) // ORIGIN_STEP_DAYS) + 1)


def total_and_scale(expected: Expected, window: int) -> tuple[Floats, Floats]:
    """Per series: the expected total over the first `window` days, and the scale of its error (0: nothing expected).

    Scale^2 = days x variance of a day, which grows with the level, + the uncertainty of the level itself + 1.
    """
    calendar = expected.calendar[:window]
    by_weekday = np.zeros((WEEKDAYS, -(-window // BLOCK_DAYS)))
    np.add.at(by_weekday, (expected.weekday[:window], np.arange(window) // BLOCK_DAYS), calendar)
    blocks = expected.weekday_index @ by_weekday  # series x blocks: average open days
    total = (expected.rates[:, : blocks.shape[1]] * blocks).sum(axis=1)
    open_days = float((calendar > 0).sum())
    usual = expected.typical_rate * open_days
    ratio = np.divide(total, usual, out=np.ones_like(total), where=usual > 0).clip(*_LEVEL_RATIO_LIMITS)
    variance = expected.variance * ratio * open_days + _LEVEL_UNCERTAINTY * total**2 + _UNIT_VARIANCE
    return total, np.where(total > 0, np.sqrt(variance), 0.0)


def _errors_at(
    units: Floats32, history: ClientHistory, origin: int, windows: Sequence[int]
) -> list[tuple[int, _Errors]]:
    ahead = units.shape[1] - origin
    usable = [index for index, window in enumerate(windows) if window <= ahead]
    usable = [index for index in usable if (ahead - windows[index]) // ORIGIN_STEP_DAYS < _ORIGINS]
    if not usable:
        return []
    horizon = max(windows)  # as when published: the horizon's blocks decide which part of last year is read
    then = history.until(origin)
    before = units[:, :origin]
    alive = (before[:, -YEAR_DAYS:] > 0).any(axis=1)
    expected = expect(before[alive], then, horizon, then.season(horizon))
    after = units[alive, origin : origin + horizon]
    known = ~np.isnan(after)
    sold, seen = np.nancumsum(after, axis=1, dtype=np.float64), np.cumsum(known, axis=1)
    result = []
    for index in usable:
        window = windows[index]
        total, scale = total_and_scale(expected, window)
        share = seen[:, window - 1] / window
        counts = (scale > 0) & (share >= KNOWN_SHARE)
        actual = sold[counts, window - 1] / share[counts]
        error = (actual - total[counts]) / scale[counts]
        age = (ahead - window) / ORIGIN_STEP_DAYS
        weight = np.full(len(error), 0.5 ** (age / _ORIGIN_HALF_LIFE))
        result.append((index, _Errors(error, expected.activity[counts], weight)))
    return result


def _pool(samples: Sequence[_Errors], levels: Sequence[float]) -> Pooled:
    error, activity, weight = (
        np.concatenate([getattr(sample, name) for sample in samples]) for name in ("error", "activity", "weight")
    )
    groups = int(np.clip(len(error) // _LEAST_ERRORS, 1, _GROUPS))
    shares = 1 - np.geomspace(1, _BUSIEST_SHARE, groups + 1)[1:-1]
    group = np.searchsorted(np.quantile(activity, shares), activity) if groups > 1 else np.zeros(len(error), dtype=int)
    centre, quantiles, points = [], [], []
    for index in np.unique(group):
        chosen = group == index
        order = np.argsort(error[chosen])
        ordered, mass = error[chosen][order], np.cumsum(weight[chosen][order])
        mass /= mass[-1]
        count = len(ordered)
        corrected = np.minimum(np.asarray(levels) * (1 + 1 / count), 1)  # split conformal's finite-sample correction
        centre.append(_log(activity[chosen]).mean())
        quantiles.append(ordered[np.minimum(np.searchsorted(mass, corrected), count - 1)])
        edges = np.searchsorted(mass, np.linspace(0, 1, _MEAN_POINTS + 1)[1:-1])
        part = np.searchsorted(edges, np.arange(count), side="right")
        share = np.diff(mass, prepend=0.0)
        sums = np.bincount(part, weights=ordered * share, minlength=_MEAN_POINTS)
        mean = float((ordered * share).sum())
        sizes = np.bincount(part, weights=share, minlength=_MEAN_POINTS)
        points.append(np.divide(sums, sizes, out=np.full(_MEAN_POINTS, mean), where=sizes > 0))
    return Pooled(np.array(centre), np.stack(quantiles), np.stack(points))


def _normal_errors(levels: Sequence[float]) -> Pooled:
    normal = NormalDist()
    points = np.array([[normal.inv_cdf((index + 0.5) / _MEAN_POINTS) for index in range(_MEAN_POINTS)]])
    return Pooled(np.zeros(1), np.array([[normal.inv_cdf(level) for level in levels]]), points)


def _between(position: Floats, centres: Floats, table: Floats) -> Floats:
    """Series x columns: rows of `table` (groups x columns) interpolated at each series' position."""
    if len(centres) == 1:
        return np.broadcast_to(table[0], (len(position), table.shape[1]))
    upper = np.clip(np.searchsorted(centres, position), 1, len(centres) - 1)
    share = ((position - centres[upper - 1]) / (centres[upper] - centres[upper - 1])).clip(0, 1)[:, None]
    result: Floats = table[upper - 1] * (1 - share) + table[upper] * share
    return result


def _log(activity: Floats) -> Floats:
    result: Floats = np.log(activity + 0.01)
    return result
