"""The distribution of *total* demand over a window, calibrated on the forecasts' own past errors.

Pooled split-conformal prediction (Lei et al. 2018, "Distribution-free predictive inference for regression", with the
scaled residuals of its section 5.2): the expected total at each weekly origin of the last year is compared with what
then sold. Errors are divided by a scale and pooled over items of one kind (expected_total) and similar activity; a
quantile of the total is expected total + pooled error quantile x scale. Nothing is added up from daily quantiles: the
sum of daily 90 % quantiles is far above the 90 % quantile of the sum. What all items sell more or less than expected,
and goes on doing, is taken out of the errors and added to what is expected now (client_factor).

Chosen on the demo's shop, origins October 2010 to August 2011, the last window ending 2011-08-17, before the scored
ones: 52 origins, so that every season counts, with a half-life of 20. Mean coverage there, of 14-day totals of the 500
most active items: 0.80, 0.90, 0.95 and 0.99 at those levels; within one such origin the shop as a whole moves it by up
to 0.04 at 0.80.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job.client_history.level import Expected, expect
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.totals.client_factor import without_what_lasts
from forecast_job.totals.expected_total import AWAKE, IDLE, centre_and_scale, kinds, position
from forecast_job.totals.pooled_errors import LEAST_ERRORS, Errors, Pooled, normal_errors, pool
from shared.arrays import Floats32

ORIGIN_STEP_DAYS = 7  # weekly, so that a window of some days starts on the weekday it is published for
_ORIGINS = 52
_ORIGIN_HALF_LIFE = 20.0
_FIRST_ORIGIN_DAYS = 70
KNOWN_SHARE = 0.75  # windows with more unknown days than this leaves say nothing about a total


@dataclass(frozen=True)
class WindowTotals:
    """`quantiles`: series x windows x levels, ascending in both; `mean`: series x windows. Units, >= 0."""

    quantiles: Floats32
    mean: Floats32


@dataclass(frozen=True)
class Calibration:
    """What was learned from past errors, for each window length."""

    windows: tuple[int, ...]
    levels: tuple[float, ...]
    pooled: tuple[Pooled, ...]

    def totals(self, expected: Expected) -> WindowTotals:
        """The distribution of total demand over each window from the origin of `expected`."""
        kind, place = kinds(expected), position(expected)
        shape = (len(kind), len(self.windows))
        quantiles = np.zeros((*shape, len(self.levels)))
        mean = np.zeros(shape)
        for index, window in enumerate(self.windows):
            pooled = self.pooled[index]
            learned = np.isin(kind, pooled.kind)
            centre, scale = centre_and_scale(expected, window, (kind >= IDLE) & learned)
            known = np.where(learned, kind, AWAKE)
            for of in np.unique(known):
                chosen = np.flatnonzero((known == of) & (scale > 0))
                group = pooled.of(of)
                errors, points = group.at(place[chosen])
                middle, unit = centre[chosen, None] * group.factor[0], scale[chosen, None]
                quantiles[chosen, index] = np.maximum(middle + errors * unit, 0)
                mean[chosen, index] = np.maximum(middle + points * unit, 0).mean(axis=1)
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
    collected: list[list[Errors]] = [[] for _ in windows]
    for step in steps if steps is not None else origin_steps(panel):
        for index, errors in _errors_at(units, history, panel.days - step * ORIGIN_STEP_DAYS, windows):
            collected[index].append(errors)
    pooled, latest = [], normal_errors(levels)
    for window, found in zip(windows, collected, strict=True):
        if sum(len(sample.error) for sample in found) >= LEAST_ERRORS:
            overlap = max(window / ORIGIN_STEP_DAYS, 1)
            samples, factor = without_what_lasts(found, overlap)
            latest = pool(Errors.joined(samples), levels, overlap, factor)
        pooled.append(latest)
    return Calibration(tuple(windows), tuple(levels), tuple(pooled))


def origin_steps(panel: Panel) -> range:
    """Weeks back from the panel's end at which there is an origin to learn from."""
    return range(1, min(_ORIGINS + 13, (panel.days - _FIRST_ORIGIN_DAYS) // ORIGIN_STEP_DAYS) + 1)


def _errors_at(
    units: Floats32, history: ClientHistory, origin: int, windows: Sequence[int]
) -> list[tuple[int, Errors]]:
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
    sold = np.nancumsum(after, axis=1, dtype=np.float64)
    # A day counts as what it is of the shop's sales: of weekly records one day in seven is all that there is.
    seen = np.cumsum(~np.isnan(after) * expected.calendar[: after.shape[1]], axis=1)
    due = np.cumsum(expected.calendar)
    kind, place, series = kinds(expected), position(expected), np.flatnonzero(alive)
    result = []
    for index in usable:
        window = windows[index]
        centre, scale = centre_and_scale(expected, window, kind >= IDLE)
        share = seen[:, window - 1] / max(due[window - 1], 1e-9)
        counts = (scale > 0) & (share >= KNOWN_SHARE)
        actual = sold[counts, window - 1] / share[counts]
        error = (actual - centre[counts]) / scale[counts]
        age = (ahead - window) / ORIGIN_STEP_DAYS
        weight = np.full(len(error), 0.5 ** (age / _ORIGIN_HALF_LIFE))
        leverage = np.where(kind < IDLE, centre / np.where(scale > 0, scale, 1), 0.0)[counts]
        result.append((index, Errors(error, kind[counts], place[counts], series[counts], weight, leverage)))
    return result
