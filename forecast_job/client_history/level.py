"""The expected demand of each series and its variance: linear in the history, so cheap at many origins.

A weighted mean of the last 13 months, each day brought to today's level by the shop's season and weekdays. Weights
(chosen on 28-day origins of the demo's shop from January to August 2011, before the scored ones):

- recency: half of the weight has a half-life of 21 days, half of 150 days (`USUAL_HALF_LIVES`);
- last year's same season: a little for every item, and up to twice all the rest for an item whose sales then rose or
  fell against the shop's far more than chance explains (a Christmas decoration is forecast from last Christmas).

Kinds of items, on purpose:

- new: a weighted mean over the days since its first record, reduced while those are few: the first record is mostly a
  day with a sale, or it would not have been the first;
- one-off bulk orders: a day counts with at most 20 times the item's typical day, so no single order moves its level;
- dying: falls with the short half-life, to half in three weeks;
- asleep (no sale for over 30 days): what the weights leave of it. Whether it wakes, totals/calibration learns.
- dormant (known for half a year, no sale in 26 weeks, none in last year's coming season): its daily quantiles are 0.
- one-sale: as any other, its one day with less and less weight, until it is dormant.
- zero-only: never sold, so nothing is expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory, Season
from forecast_job.client_history.weekday_index import weekday_index
from shared.arrays import Floats32

LOOKBACK_DAYS = YEAR_DAYS + 45  # last year's season around the origin is the oldest that counts
BLOCK_DAYS = 28  # the horizon is forecast in blocks of four weeks, each with its own season of last year

_LONG_SHARE = 0.5
_SEASON_WIDTH_DAYS = 14.0  # standard deviation of the Gaussian around last year's same days
_SEASON_WEIGHT = 0.15  # of every series, the recent weights being 1
_SEASON_EVIDENCE_WEIGHT = 2.0  # more of a series with evidence of a season of its own
_EVIDENCE_SCALE = 25.0  # squared z-score at which half of that is given
_OVERDISPERSION = 1.5  # days with a sale vary more than binomially
_BULK = 20.0  # a day counts with at most so many times the item's usual sale
_TYPICAL_DAY_UNITS = 3.0
_NEW_ITEM_WEIGHT = 0.02  # of a new item's imagined days without a sale: about one day
_SPREAD_HALF_LIFE_DAYS = 120.0
_DORMANT_DAYS = 182
_BEGINNING_DAYS = 14  # an item whose first record is so near that of the history may have been there long before
_ACTIVITY_PRIOR_DAYS = 20.0  # as an average item of the client: an item's first days say little, the first is a sale


@dataclass(frozen=True)
class HalfLives:
    """The two half-lives with which the recent history counts, each for half of the weight. `levels_move`: days are
    brought to the item's own level of today before they count as samples of a day to come."""

    short_half_life_days: float
    long_half_life_days: float
    levels_move: bool = True


USUAL_HALF_LIVES = HalfLives(21.0, 150.0)
# Candidates of engines/champion: for items that come and go, and for those that sell the same year in, year out.
SHORT_HALF_LIVES = HalfLives(10.0, 60.0)
LONG_HALF_LIVES = HalfLives(120.0, 1000.0, levels_move=False)


@dataclass(frozen=True)
class Weights:
    """How each of the `len(recent)` days before the origin counts; the same for all series.

    `recent` and each block's `last_year` (None before 13 months of history) sum to 1 over the open days.
    """

    recent: NDArray[np.float64]
    last_year: tuple[NDArray[np.float64] | None, ...]
    is_open: NDArray[np.bool_]
    weekday: NDArray[np.int64]
    to_today: NDArray[np.float64]  # multiplies a day's units: today's level of the shop over that day's


@dataclass(frozen=True)
class Expected:
    """`rates`: series x blocks, units of an average open day at today's level; `calendar`: horizon days, what each day
    is of such a day to the shop (0 = closed), `weekday` the days' weekdays, `weekday_index` (series x 7) what an item's
    own weekdays are of the shop's. `variance`: of a day's units around today's level, `typical_rate` the level that
    variance belongs to; `activity`: the probability that a day has a sale, `sale_units` the usual units of such a day;
    `idle_days` since the last sale, `known_days` since the first record (13 months where it was there when
    the history began), of the last 13 months; `in_season`: whether it sold around last year's days of the first block,
    where that is `season_known`. All per series."""

    rates: Floats32
    calendar: NDArray[np.float64]
    weekday: NDArray[np.int64]
    weekday_index: NDArray[np.float64]
    variance: NDArray[np.float64]
    activity: NDArray[np.float64]
    typical_rate: NDArray[np.float64]
    dormant: NDArray[np.bool_]
    sale_units: NDArray[np.float64]
    idle_days: NDArray[np.int64]
    known_days: NDArray[np.int64]
    in_season: NDArray[np.bool_]
    season_known: bool

    def daily(self) -> Floats32:
        """Series x horizon days: expected units."""
        block = np.arange(len(self.calendar)) // BLOCK_DAYS
        own = self.weekday_index[:, self.weekday].astype(np.float32)
        return self.rates[:, block] * own * self.calendar[None, :].astype(np.float32)


def weights(
    history: ClientHistory, horizon_days: int, season: Season, half_lives: HalfLives = USUAL_HALF_LIVES
) -> Weights:
    """The weights at the shop's origin for a horizon."""
    days = min(history.days, LOOKBACK_DAYS)
    age = np.arange(days)[::-1]
    is_open = history.open_days(0)[-days:] if days else np.zeros(0, dtype=np.bool_)
    recent = (1 - _LONG_SHARE) * _normalised(0.5 ** (age / half_lives.short_half_life_days) * is_open)
    recent += _LONG_SHARE * _normalised(0.5 ** (age / half_lives.long_half_life_days) * (age < YEAR_DAYS) * is_open)
    last_year: list[NDArray[np.float64] | None] = []
    for start in range(0, horizon_days, BLOCK_DAYS):
        middle = YEAR_DAYS - 1 - start - (min(BLOCK_DAYS, horizon_days - start) - 1) / 2
        bell = np.exp(-0.5 * ((age - middle) / _SEASON_WIDTH_DAYS) ** 2) * is_open
        last_year.append(_normalised(bell) if history.days >= YEAR_DAYS + 2 * BLOCK_DAYS else None)
    weekday = history.weekdays()[-days:] if days else np.zeros(0, dtype=np.int64)
    return Weights(recent, tuple(last_year), is_open, weekday, 1 / season.past[-days:] if days else np.zeros(0))


def expect(
    units: Floats32, history: ClientHistory, horizon_days: int, season: Season, half_lives: HalfLives = USUAL_HALF_LIVES
) -> Expected:
    """Expected demand after the days of `units` (series x days up to the shop's origin; NaN unknown)."""
    w = weights(history, horizon_days, season, half_lives)
    days = len(w.recent)
    window = units[:, units.shape[1] - days :]
    known = (~np.isnan(window) & w.is_open).astype(np.float32)
    scaled = np.where(known > 0, window, 0) * w.to_today.astype(np.float32)
    sale = usual_sale(scaled)
    capped = np.minimum(scaled, sale[:, None] * _BULK)
    profile = history.weekday_profile[w.weekday]
    extra = season_weights(units, history, horizon_days, season)
    numerator, denominator = _weighted(capped, known, w.recent, profile)
    rates = np.empty((len(units), len(w.last_year)), dtype=np.float32)
    for block, bell in enumerate(w.last_year):
        top, bottom = numerator, denominator
        if bell is not None:
            season_top, season_bottom = _weighted(capped, known, bell, profile)
            top, bottom = top + extra[:, block] * season_top, bottom + extra[:, block] * season_bottom
        lean = _NEW_ITEM_WEIGHT * np.maximum(1 - denominator, 0)  # a year of known days needs no such caution
        rates[:, block] = np.divide(top, bottom + lean, out=np.zeros_like(top), where=bottom + lean > 0)
    spread = _normalised(0.5 ** (np.arange(days)[::-1] / _SPREAD_HALF_LIFE_DAYS) * w.is_open).astype(np.float32)
    seen = np.maximum(known @ spread, 1e-9)
    typical_rate = (capped @ spread) / seen
    sells = capped > 0
    first, last = _days_before_first(~np.isnan(window)), _days_before_first(sells[:, ::-1])
    return Expected(
        rates,
        calendar(history, horizon_days, season),
        history.weekdays(horizon_days)[history.days :],
        weekday_index(capped, known, w.weekday, history.weekday_profile),
        np.maximum(((capped * capped) @ spread) / seen - typical_rate**2, 0).astype(np.float64),
        _activity(sells, known, first, spread, history.activity),
        typical_rate.astype(np.float64),
        _dormant(window, horizon_days),
        sale.astype(np.float64),
        last,
        np.where(first < _BEGINNING_DAYS, LOOKBACK_DAYS, days - first),
        _sold_last_season(window),
        history.days >= YEAR_DAYS + int(_SEASON_WIDTH_DAYS),
    )


def calendar(history: ClientHistory, horizon_days: int, season: Season) -> NDArray[np.float64]:
    """What each day of the horizon is of an average open day today: weekday times season, 0 when closed."""
    weekday = history.weekdays(horizon_days)[history.days :]
    result: NDArray[np.float64] = (
        history.weekday_profile[weekday] * season.future * history.open_days(horizon_days)[history.days :]
    )
    return result


def usual_sale(scaled: Floats32) -> Floats32:
    """Per series: the units of a day with a sale, as the geometric mean of them and two days of a typical item."""
    sells = scaled > 0
    logs = np.log(np.maximum(scaled, 0.3), where=sells, out=np.zeros_like(scaled))
    centre = (logs.sum(axis=1) + 2 * np.log(_TYPICAL_DAY_UNITS)) / (sells.sum(axis=1) + 2)
    return np.exp(centre).astype(np.float32)


def season_weights(units: Floats32, history: ClientHistory, horizon_days: int, season: Season) -> Floats32:
    """Series x blocks: the weight of last year's same season, the recent weights being 1.

    The evidence is the days with a sale around last year's same weeks against those in the eight weeks before, relative
    to the shop: z = log ratio / standard error (of the log of a ratio of two counts); the weight grows as
    z^2 / (z^2 + 25).
    """
    blocks = range(0, horizon_days, BLOCK_DAYS)
    result = np.full((len(units), len(blocks)), _SEASON_WEIGHT, dtype=np.float32)
    origin = history.days - YEAR_DAYS
    if origin < 2 * BLOCK_DAYS:
        return result
    is_open = history.open_days(0)
    offset = history.days - units.shape[1]

    def count(start: int, end: int) -> tuple[NDArray[np.float64], float]:
        chosen = np.arange(max(start, offset), min(end, history.days))
        chosen = chosen[is_open[chosen]]
        return (units[:, chosen - offset] > 0).sum(axis=1).astype(np.float64), float(season.past[chosen].sum())

    before, shop_before = count(origin - 2 * BLOCK_DAYS, origin)
    for block, start in enumerate(blocks):
        length = min(BLOCK_DAYS, horizon_days - start)
        then, shop_then = count(origin + start - 7, origin + start + length + 7)
        if shop_then <= 0 or shop_before <= 0:
            continue
        log_ratio = np.log((then + 0.5) / shop_then) - np.log((before + 0.5) / shop_before)
        squared = log_ratio**2 / (_OVERDISPERSION * (1 / (then + 0.5) + 1 / (before + 0.5)))
        result[:, block] += (_SEASON_EVIDENCE_WEIGHT * squared / (squared + _EVIDENCE_SCALE)).astype(np.float32)
    return result


def _activity(
    sells: NDArray[np.bool_], known: Floats32, first: NDArray[np.int64], weight: Floats32, usual: float
) -> NDArray[np.float64]:
    """Per series: the share of its days with a sale, which leans to the client's `usual` one while its days are few.

    An item's `first` day within reach does not count: without a sale it would mostly not have been the first.
    """
    begins = np.flatnonzero((first > 0) & (first < len(weight)))
    sold, seen = (sells @ weight).astype(np.float64), (known @ weight).astype(np.float64)
    for counts, of in ((sold, sells), (seen, known)):
        counts[begins] -= weight[first[begins]] * of[begins, first[begins]]
    prior = _ACTIVITY_PRIOR_DAYS * float(weight.max(initial=0.0))
    result: NDArray[np.float64] = (sold + prior * usual) / np.maximum(seen + prior, 1e-9)
    return result.clip(0, 1)


def _days_before_first(happens: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Per row: how many days pass before the first on which something happens; all of them where it never does."""
    days = happens.shape[1]
    if not days:
        return np.zeros(len(happens), dtype=np.int64)
    return np.where(happens.any(axis=1), happens.argmax(axis=1), days)


def _sold_last_season(window: Floats32) -> NDArray[np.bool_]:
    """Whether there was a sale on last year's days of the coming block, or in the two weeks before or after them."""
    start = window.shape[1] - YEAR_DAYS
    margin = int(_SEASON_WIDTH_DAYS)
    season = window[:, max(start - margin, 0) : max(start + BLOCK_DAYS + margin, 0)]
    return np.asarray((season > 0).any(axis=1), dtype=np.bool_)


def _dormant(window: Floats32, horizon_days: int) -> NDArray[np.bool_]:
    """Known for half a year, no sale in it, and none around last year's days of the horizon."""
    days = window.shape[1]
    if days < _DORMANT_DAYS:
        return np.zeros(len(window), dtype=np.bool_)
    known_long = (~np.isnan(window[:, : days - _DORMANT_DAYS + 1])).any(axis=1)
    last_year = window[:, : max(0, days - (YEAR_DAYS - horizon_days - int(_SEASON_WIDTH_DAYS)))]
    sold = (window[:, -_DORMANT_DAYS:] > 0).any(axis=1) | (last_year > 0).any(axis=1)
    return np.asarray(known_long & ~sold, dtype=np.bool_)


def _weighted(
    units: Floats32, known: Floats32, weight: NDArray[np.float64], profile: NDArray[np.float64]
) -> tuple[Floats32, Floats32]:
    """(weighted units, weighted exposure) per series; a quiet weekday is less exposure."""
    return units @ weight.astype(np.float32), known @ (weight * profile).astype(np.float32)


def _normalised(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    total = weight.sum()
    return weight / total if total > 0 else weight
