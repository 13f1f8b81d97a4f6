"""Champions: chosen by earlier origins only, only when clearly better, one for each demand pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly
from forecast_job.engines.champion import CANDIDATES, ChampionEngine, patterns
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.panels import FIRST, bare_panel

DAYS = 420
SMOOTH, LUMPY = 40, 40


@dataclass(frozen=True)
class Constant(DemandOnly):
    """Forecasts the same number for every day of every series."""

    units: float
    name: str

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        shape = (panel.series, horizon_days)
        return DailyForecast(
            np.full((*shape, len(quantiles)), self.units, np.float32), np.full(shape, self.units, np.float32)
        )


FIVE, NOTHING, NEARLY_FIVE = Constant(5, "five"), Constant(0, "nothing"), Constant(4.9998, "nearly_five")


def _panel(units: np.ndarray) -> tuple[Panel, ClientHistory]:
    panel = bare_panel(units)
    return panel, ClientHistory(FIRST, np.full(units.shape[1], 80.0))


def _two_patterns() -> np.ndarray:
    """Items that sell five a day, then items that sell much or more once in four weeks."""
    lumpy = np.zeros((LUMPY, DAYS))
    lumpy[:, 3::56], lumpy[:, 31::56] = 5, 60
    return np.concatenate([np.full((SMOOTH, DAYS), 5.0), lumpy])


def test_each_pattern_gets_the_engine_that_served_it_best() -> None:
    panel, history = _panel(_two_patterns())
    engine = ChampionEngine(candidates=(NOTHING, FIVE)).learn(panel, history)
    assert {name: one.name for name, one in engine.champions.items()} == {"smooth": "five", "lumpy": "nothing"}
    forecast = engine.forecast(panel, 7, DAILY_QUANTILES, history)
    assert (forecast.quantiles[:SMOOTH] == 5).all()
    assert (forecast.mean[SMOOTH:] == 0).all()


def test_a_gain_that_may_be_noise_changes_nothing() -> None:
    panel, history = _panel(_two_patterns()[:SMOOTH] - 0.1)
    assert ChampionEngine(candidates=(FIVE, NEARLY_FIVE)).learn(panel, history).champions["smooth"] is FIVE


def test_days_after_the_origin_have_no_say() -> None:
    units = _two_patterns()
    later = np.concatenate([units, np.zeros((len(units), 60))], axis=1)
    panel, history = _panel(units)
    longer, longer_shop = _panel(later)
    assert (
        ChampionEngine(candidates=(NOTHING, FIVE)).learn(longer.until(DAYS), longer_shop.until(DAYS)).champions
        == ChampionEngine(candidates=(NOTHING, FIVE)).learn(panel, history).champions
    )
    assert ChampionEngine(candidates=(FIVE, NOTHING)).learn(longer, longer_shop).champions["lumpy"] is NOTHING


def test_a_short_history_or_few_series_keep_the_default() -> None:
    short, short_shop = _panel(_two_patterns()[:, :200])
    few, history = _panel(_two_patterns()[:20])
    for panel, its_shop in ((short, short_shop), (few, history)):
        engine = ChampionEngine(candidates=(NOTHING, FIVE)).learn(panel, its_shop)
        assert engine.champions == {}
        assert (engine.forecast(panel, 3, DAILY_QUANTILES, its_shop).mean == 0).all()


def test_a_series_is_forecast_the_same_alone_and_among_others() -> None:
    units = np.random.default_rng(3).poisson(np.geomspace(0.02, 9, 60)[:, None], (60, DAYS))
    panel, history = _panel(units)
    default, quick, *_ = CANDIDATES
    engine = ChampionEngine({"smooth": quick}, (default,))
    together = engine.forecast(panel, 14, DAILY_QUANTILES, history)
    assert len(set(patterns(panel.units))) > 1
    for row in (0, 59):
        alone = engine.forecast(panel.rows(np.array([row])), 14, DAILY_QUANTILES, history)
        np.testing.assert_allclose(alone.quantiles[0], together.quantiles[row], rtol=1e-4, atol=1e-4)


def test_no_series_is_no_forecast() -> None:
    panel, history = _panel(np.zeros((0, DAYS)))
    forecast = ChampionEngine().learn(panel, history).forecast(panel, 5, DAILY_QUANTILES, history)
    assert forecast.quantiles.shape == (0, 5, len(DAILY_QUANTILES))
