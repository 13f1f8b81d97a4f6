"""Engines scored at several origins of the same data, each learning from the days before its origin only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast_job import scores
from forecast_job.backtest.recency import NEVER, OriginTotals, RecencyScores, by_recency
from forecast_job.client_history import level
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import HISTORY_DAYS, HistoryTooShort, Panel
from forecast_job.engines import Engine, Learns
from forecast_job.engines.champion import ChampionEngine
from forecast_job.engines.same_weekday import SameWeekdayEngine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from forecast_job.scores import DailyScores, TotalScores
from forecast_job.totals import calibration
from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_DAYS, WINDOW_QUANTILES

OWN_PAST, CALIBRATED = "own past windows", "calibrated"
_STOCK_LEVEL = 0.9
_WORST_ITEMS = 10
_YEAR_DAYS = 365
_BASELINE_DAYS = 91
_WEEK = 7

Array = NDArray[np.floating]


@dataclass(frozen=True)
class BacktestPlan:
    """What is scored; the defaults are those of the published figures."""

    items: int = 500
    origins: int = 3
    step_days: int = 14
    horizon_days: int = 28
    lead_time_days: int = 14

    def origins_of(self, days: int) -> list[int]:
        """Days before each origin, oldest first. Raises Invalid when the data is too short for them."""
        last = days - max(self.horizon_days, self.lead_time_days)
        first = last - (self.origins - 1) * self.step_days
        if first < _BASELINE_DAYS:
            needed = days - first + _BASELINE_DAYS
            raise HistoryTooShort(f"the demand spans {days} days; these origins need at least {needed}")
        return list(range(first, last + 1, self.step_days))


@dataclass(frozen=True)
class EngineScores:
    """Of an engine's daily forecasts, and the `seconds` that they took."""

    scores: DailyScores
    seconds: float


@dataclass(frozen=True)
class WorstItem:
    """An item's part of all items' weighted quantile loss, with the units it sold and was expected to sell."""

    item_id: str
    loss_share: float
    sold: float
    expected: float


@dataclass(frozen=True)
class Backtest:
    """`daily` by engine, the baseline first; `totals` by the way they were made; `worst`: the items with the highest
    loss of the statistical engine, the worst first; `recency`: all items, by how long ago they last sold."""

    daily: dict[str, EngineScores]
    totals: dict[str, TotalScores]
    worst: list[WorstItem]
    recency: dict[str, RecencyScores]


@dataclass
class _Forecasts:
    """One engine's forecasts at each origin."""

    quantiles: list[Array] = field(default_factory=list)
    means: list[Array] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class _Origin:
    """What there was before an origin: of all items, of the `items` that are scored, and of the client as a whole."""

    before: Panel
    items: Panel
    history: ClientHistory


def most_active(panel: Panel, origin: int, count: int) -> NDArray[np.int64]:
    """The rows with the most selling days in the year before the origin."""
    sold = (panel.units[:, max(0, origin - _YEAR_DAYS) : origin] > 0).sum(axis=1)
    return np.argsort(-sold, kind="stable")[:count]


def run(panel: Panel, plan: BacktestPlan, progress: JobProgress, further: Sequence[Engine] = ()) -> Backtest:
    """Score the baseline, the statistical engine, the champion and `further` engines by the plan.

    Raises Invalid when the data is too short for it.
    """
    origins = plan.origins_of(panel.days)
    engines: tuple[Engine, ...] = (SameWeekdayEngine(), StatisticalEngine(), ChampionEngine(), *further)
    rows = most_active(panel, origins[0], plan.items)
    forecasts_of: dict[str, _Forecasts] = {}
    totals: dict[str, list[Array]] = {OWN_PAST: [], CALIBRATED: []}
    sold, sold_totals, scales, all_items = [], [], [], []
    for origin in progress.track(origins, "origins", len(origins)):
        before = _history(panel, origin)
        history = ClientHistory.of(before.first, before.units)
        items = before.rows(rows)
        for engine in engines:
            forecasts = forecasts_of.setdefault(engine.name, _Forecasts())
            _forecast(engine, _Origin(before, items, history), plan.horizon_days, forecasts)
        totals[OWN_PAST].append(_own_past_totals(items, plan.lead_time_days))
        all_items.append(_calibrated(before, history, panel.units[:, origin:], plan))
        totals[CALIBRATED].append(all_items[-1].quantiles[rows])
        sold.append(panel.units[rows, origin : origin + plan.horizon_days])
        sold_totals.append(panel.units[rows, origin : origin + plan.lead_time_days].sum(axis=1))
        scales.append(scores.seasonal_naive_error(items.units, _WEEK))
    actual, scale = np.concatenate(sold), np.concatenate(scales)
    ours = forecasts_of[StatisticalEngine.name]
    return Backtest(
        {name: EngineScores(_daily(actual, made, scale), made.seconds) for name, made in forecasts_of.items()},
        {name: _totals(np.concatenate(sold_totals), np.concatenate(made)) for name, made in totals.items()},
        _worst([panel.item_ids[row] for row in rows], actual, ours),
        by_recency(all_items, WINDOW_QUANTILES),
    )


def _forecast(engine: Engine, origin: _Origin, horizon_days: int, forecasts: _Forecasts) -> None:
    """Add what the engine says at one origin, and how long it took."""
    began = time.perf_counter()
    ready = engine.learn(origin.before, origin.history) if isinstance(engine, Learns) else engine
    forecast = ready.forecast(origin.items, horizon_days, DAILY_QUANTILES, origin.history)
    forecasts.quantiles.append(forecast.quantiles)
    forecasts.means.append(forecast.mean)
    forecasts.seconds += time.perf_counter() - began


def _history(panel: Panel, origin: int) -> Panel:
    """The panel before an origin, at most two years of it."""
    return panel.until(origin).since(max(0, origin - HISTORY_DAYS))


def _calibrated(before: Panel, history: ClientHistory, after: Array, plan: BacktestPlan) -> OriginTotals:
    """The totals of all items, beside what they sold. Daily means add up to the mean over the horizon, as published."""
    windows = sorted({*WINDOW_DAYS, plan.lead_time_days, plan.horizon_days})
    learned = calibration.fit(before, history, windows, WINDOW_QUANTILES)
    expected = level.expect(before.units, history, windows[-1], history.season(windows[-1]))
    totals = learned.totals(expected)
    return OriginTotals(
        idle_days=np.where((before.units > 0).any(axis=1), expected.idle_days + 1, NEVER),
        sold=np.nansum(after[:, : plan.horizon_days], axis=1, dtype=np.float64),
        expected=totals.mean[:, windows.index(plan.horizon_days)].astype(np.float64),
        units=after[:, : plan.lead_time_days].sum(axis=1),
        quantiles=totals.quantiles[:, windows.index(plan.lead_time_days)],
    )


def _own_past_totals(items: Panel, days: int) -> Array:
    """The baseline's totals: empirical quantiles of each item's own totals over windows in the last 13 weeks."""
    recent = np.nan_to_num(items.units[:, -_BASELINE_DAYS:]).astype(np.float64)
    sums = np.cumsum(np.pad(recent, ((0, 0), (1, 0))), axis=1)
    return np.quantile(sums[:, days:] - sums[:, :-days], WINDOW_QUANTILES, axis=1).T


def _daily(actual: Array, made: _Forecasts, scale: Array) -> DailyScores:
    quantiles, mean = np.concatenate(made.quantiles), np.concatenate(made.means)
    median = quantiles[..., DAILY_QUANTILES.index(0.5)]
    return DailyScores(
        wql=scores.weighted_quantile_loss(actual, quantiles, DAILY_QUANTILES),
        wape=scores.weighted_absolute_percentage_error(actual, median),
        mase=scores.mean_absolute_scaled_error(actual, median, scale),
        rmse=scores.root_mean_squared_error(actual, mean),
        bias=scores.relative_bias(actual, mean),
    )


def _totals(sold: Array, quantiles: Array) -> TotalScores:
    known = ~np.isnan(sold)
    stock = quantiles[known, WINDOW_QUANTILES.index(_STOCK_LEVEL)].sum() / max(sold[known].sum(), 1e-9)
    return TotalScores(scores.coverage(sold, quantiles, WINDOW_QUANTILES), float(stock))


def _worst(item_ids: Sequence[str], sold: Array, made: _Forecasts) -> list[WorstItem]:
    """`sold` holds the items of all origins, one origin after another."""

    def by_item(values: Array) -> NDArray[np.float64]:
        total: NDArray[np.float64] = values.reshape(-1, len(item_ids)).sum(axis=0, dtype=np.float64)
        return total

    loss = by_item(scores.pinball_losses(sold, np.concatenate(made.quantiles), DAILY_QUANTILES))
    share = loss / max(float(loss.sum()), 1e-9)
    units, mean = by_item(np.nansum(sold, axis=1)), by_item(np.concatenate(made.means).sum(axis=1))
    order = np.argsort(-loss, kind="stable")[:_WORST_ITEMS]
    return [WorstItem(item_ids[row], float(share[row]), float(units[row]), float(mean[row])) for row in order]
