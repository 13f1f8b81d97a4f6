"""The statistical engine: kernel-weighted empirical quantiles of each series' own history.

Each day of the last 13 months is a sample of a future day's demand, weighted by how alike the two are: recency, last
year's same season (weights in client_history/level), the same weekday fully and others the more the closer their sales
(sevenfold more samples than the same weekday alone gives). Samples are brought to today's level first: by the shop's
season, half-way by the item's own level, and by what the item sells on the one weekday and the other. No distribution
is assumed, so packs, zeros and skew stay as they are; only an item with a few known days leans to the exponential
distribution of its expected demand, which assumes least.

The constants were chosen on 28-day origins from October 2010 to July 2011 of the demo's shop, before the scored ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.level import (
    BLOCK_DAYS,
    USUAL_HALF_LIVES,
    HalfLives,
    Weights,
    expect,
    season_weights,
    weights,
)
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly
from shared.arrays import Floats32

_CHUNK_SERIES = 1024
_OTHER_WEEKDAY_WEIGHT = 0.7
_WEEKDAY_SHARPNESS = 3.0
_LEAST_WEEKDAY = 0.02  # of an average day: what sells on no such weekday is not scaled without end
_LEVEL_HALF_LIFE_DAYS = 12.0
_LEVEL_PRIOR_DAYS = 3.0
_LEVEL_LIMITS = (0.25, 4.0)
# Last year's season keeps its own level: brought to today's, a Christmas item would be forecast from August.
_LEVEL_DAYS = YEAR_DAYS - 44
_NEW_ITEM_SAMPLES = 3.0


@dataclass(frozen=True)
class StatisticalEngine(DemandOnly):
    """See the module. Stateless; implements forecast_job.engines.Engine."""

    name: str = "statistical"
    half_lives: HalfLives = USUAL_HALF_LIVES

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """Daily quantiles by the weighted samples; the mean is the expected level, which sees sales rarer than 1 in 20.

        The mean is not taken from the levels asked for: an item that sells on 3 % of days has a 95 % quantile of 0.
        """
        season = history.season(horizon_days)
        w = weights(history, horizon_days, season, self.half_lives)
        future = history.weekdays(horizon_days)[history.days :]
        is_open = history.open_days(horizon_days)[history.days :]
        levels = np.asarray(quantiles, dtype=np.float64)
        result = np.zeros((panel.series, horizon_days, len(levels)), dtype=np.float32)
        expected = expect(panel.units, history, horizon_days, season, self.half_lives)
        exponential = -np.log1p(-np.minimum(levels, 0.999)).astype(np.float32)
        own_week = (expected.weekday_index * history.weekday_profile).astype(np.float32)
        for start in range(0, panel.series, _CHUNK_SERIES):
            rows = slice(start, start + _CHUNK_SERIES)
            week = own_week[rows]
            scale: Floats32 = np.where(week > 0, np.maximum(week, _LEAST_WEEKDAY), 1).astype(np.float32)
            seasonal = season_weights(panel.units[rows], history, horizon_days, season)
            samples = _Samples(panel.units[rows], w, seasonal, scale, levels_move=self.half_lives.levels_move)
            for block in range(len(w.last_year)):
                days = np.arange(block * BLOCK_DAYS, min((block + 1) * BLOCK_DAYS, horizon_days))
                days = days[is_open[days]]
                unsure = expected.rates[rows, block, None] * exponential
                for weekday in np.unique(future[days]):
                    alike = _likeness(week, int(weekday))[:, w.weekday]
                    level = scale[:, weekday, None]
                    same = samples.quantiles(block, alike, levels, unsure / level) * level
                    chosen = days[future[days] == weekday]
                    result[rows, chosen] = same[:, None, :] * season.future[chosen].astype(np.float32)[None, :, None]
        result[expected.dormant] = 0
        return DailyForecast(_whole_where_sold_whole(result, panel.units), expected.daily())


class _Samples:
    """The history of some series as weighted samples, sorted once and read many times."""

    def __init__(
        self, units: Floats32, w: Weights, season_weight: Floats32, week: Floats32, *, levels_move: bool
    ) -> None:
        """`week`: series x 7, what each weekday is of an average day; samples are of an average day."""
        self._w, self._season_weight = w, season_weight
        window = units[:, units.shape[1] - len(w.recent) :]
        self._known = ~np.isnan(window) & w.is_open
        to_average_day: Floats32 = w.to_today.astype(np.float32) / week[:, w.weekday]
        scaled: Floats32 = np.nan_to_num(window) * self._known * to_average_day
        if levels_move:
            scaled = scaled * _to_todays_level(scaled, self._known)
        # Unknown days have no weight; standing at the largest sample they are never interpolated towards.
        values = np.where(self._known, scaled, scaled.max(axis=1, initial=0.0, keepdims=True))
        self._order = np.argsort(values, axis=1)
        self._sorted = np.take_along_axis(values, self._order, axis=1)

    def quantiles(self, block: int, alike: Floats32, levels: NDArray[np.float64], unsure: Floats32) -> Floats32:
        """Series x levels, of an average day; `alike`: series x days.

        Series with few known days lean to the quantiles `unsure` (series x levels).
        """
        weight = np.broadcast_to(self._w.recent.astype(np.float32), self._known.shape)
        bell = self._w.last_year[block]
        if bell is not None:
            weight = weight + self._season_weight[:, block, None] * bell.astype(np.float32)
        weight = weight * alike * self._known
        total, squares = weight.sum(axis=1), (weight**2).sum(axis=1)
        samples = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)  # Kish's effective size
        share = (samples / (samples + _NEW_ITEM_SAMPLES))[:, None]
        own = weighted_quantiles(self._sorted, np.take_along_axis(weight, self._order, axis=1), levels)
        result: Floats32 = np.where(samples[:, None] >= 10 * _NEW_ITEM_SAMPLES, own, share * own + (1 - share) * unsure)
        return result


def weighted_quantiles(ordered: Floats32, weight: Floats32, levels: NDArray[np.float64]) -> Floats32:
    """Series x levels: quantiles of samples sorted along the rows, each sample at the middle of its weight.

    Linear between samples (Hazen's plotting position, with weights); rows without any weight give 0.
    """
    cumulative = np.cumsum(weight, axis=1)
    total = cumulative[:, -1] if weight.shape[1] else np.zeros(len(weight), dtype=np.float32)
    result = np.zeros((len(ordered), len(levels)), dtype=np.float32)
    if not weight.shape[1]:
        return result
    position = (cumulative - 0.5 * weight) / np.maximum(total, 1e-12)[:, None]
    row, last = np.arange(len(ordered)), ordered.shape[1] - 1
    for index, level in enumerate(levels):
        above = (position < level).sum(axis=1)
        low, high = np.maximum(above - 1, 0), np.minimum(above, last)
        gap = position[row, high] - position[row, low]
        share = np.divide(level - position[row, low], gap, out=np.zeros_like(gap), where=gap > 0).clip(0, 1)
        result[:, index] = ordered[row, low] + share * (ordered[row, high] - ordered[row, low])
    result[total <= 0] = 0
    return np.maximum.accumulate(result, axis=1)


def _whole_where_sold_whole(quantiles: Floats32, units: Floats32) -> Floats32:
    """Series that only ever sold whole units have whole quantiles: no day can be in between."""
    whole = (np.isnan(units) | (units == np.rint(units))).all(axis=1)
    return np.where(whole[:, None, None], np.rint(quantiles), quantiles)


def _likeness(week: Floats32, weekday: int) -> Floats32:
    """Series x 7: the weight of each weekday's samples for a day of `weekday`; `week`: series x 7."""
    day = week[:, weekday, None]
    larger, smaller = np.maximum(week, day), np.minimum(week, day)
    likeness = np.divide(smaller, larger, out=np.zeros_like(week), where=larger > 0) ** np.float32(_WEEKDAY_SHARPNESS)
    likeness *= np.float32(_OTHER_WEEKDAY_WEIGHT)
    likeness[:, weekday] = 1.0
    return likeness


def _to_todays_level(scaled: Floats32, known: NDArray[np.bool_]) -> Floats32:
    """Series x days: the item's level today over its level around that day, from the mean square root of its sales.

    Half-way (the square root of the ratio of units): the level of a slow item is itself uncertain. Exponential
    smoothing from both sides, the series' own mean counting as a few days more.
    """
    days = scaled.shape[1]
    if not days:
        return scaled
    decay = np.float32(0.5 ** (1 / _LEVEL_HALF_LIFE_DAYS))
    roots = np.ascontiguousarray(np.sqrt(scaled).T)
    counts = np.ascontiguousarray(known.T.astype(np.float32))
    own_mean = roots.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
    top, bottom = _LEVEL_PRIOR_DAYS * own_mean + np.zeros_like(roots), np.full_like(roots, _LEVEL_PRIOR_DAYS)
    for values, into in ((roots, top), (counts, bottom)):
        before = np.zeros_like(values[0])
        after = np.zeros_like(values[0])
        for day in range(days):
            before = before * decay + values[day]
            into[day] += before
        for day in range(days - 1, -1, -1):
            into[day] += after
            after = (after + values[day]) * decay
    level = top / bottom
    ratio = np.divide(level[-1], level, out=np.ones_like(level), where=level > 0)
    ratio[np.arange(days)[::-1] >= _LEVEL_DAYS] = 1.0
    return np.clip(ratio, *_LEVEL_LIMITS).T
