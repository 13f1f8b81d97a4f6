"""Window totals: right as often as they say, and in order."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.level import expect
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.totals.calibration import Calibration, fit, origin_steps
from forecast_job.totals.expected_total import AWAKE, total_and_scale
from shared.bigquery.tables import WINDOW_DAYS, WINDOW_QUANTILES
from tests.support.panels import FIRST, bare_panel, demand, panel_of


def _panel(units: np.ndarray) -> tuple[Panel, ClientHistory]:
    panel = bare_panel(units)
    return panel, ClientHistory(FIRST, np.full(units.shape[1], 300.0))


def _skewed(series: int, days: int, seed: int) -> np.ndarray:
    """Lumpy demand of very different levels: bursts of a geometric size on some days."""
    generator = np.random.default_rng(seed)
    level = np.geomspace(0.05, 0.9, series)[:, None]
    sells = generator.random((series, days)) < level
    return np.where(sells, generator.geometric(0.15, (series, days)), 0).astype(np.float32)


@pytest.fixture(scope="module")
def learned() -> tuple[np.ndarray, Calibration]:
    units = _skewed(400, 560, seed=11)
    panel, history = _panel(units[:, :500])
    return units, fit(panel, history, WINDOW_DAYS, WINDOW_QUANTILES)


@pytest.mark.parametrize("window", [7, 14, 42])
def test_totals_are_covered_as_often_as_said(learned: tuple[np.ndarray, Calibration], window: int) -> None:
    units, calibration = learned
    panel, history = _panel(units[:, :500])
    totals = calibration.totals(expect(panel.units, history, 90, history.season(90)))
    actual = units[:, 500 : 500 + window].sum(axis=1)
    quantiles = totals.quantiles[:, WINDOW_DAYS.index(window)]
    for level, tolerance in ((0.5, 0.08), (0.8, 0.06), (0.9, 0.05), (0.95, 0.04), (0.99, 0.02)):
        covered = (actual <= quantiles[:, WINDOW_QUANTILES.index(level)]).mean()
        assert covered == pytest.approx(level, abs=tolerance)
    assert totals.mean[:, WINDOW_DAYS.index(window)].sum() == pytest.approx(actual.sum(), rel=0.1)


def test_quantiles_rise_with_level_and_window(learned: tuple[np.ndarray, Calibration]) -> None:
    units, calibration = learned
    panel, history = _panel(units[:, :500])
    totals = calibration.totals(expect(panel.units, history, 90, history.season(90)))
    assert (totals.quantiles >= 0).all()
    assert (np.diff(totals.quantiles, axis=2) >= 0).all()
    assert (np.diff(totals.quantiles, axis=1) >= 0).all()
    assert (np.diff(totals.mean, axis=1) >= 0).all()


def test_the_quantile_of_a_total_is_below_the_sum_of_daily_quantiles(learned: tuple[np.ndarray, Calibration]) -> None:
    units, calibration = learned
    panel, history = _panel(units[:, :500])
    totals = calibration.totals(expect(panel.units, history, 90, history.season(90)))
    ninety = totals.quantiles[:, :, WINDOW_QUANTILES.index(0.9)].sum(axis=0)
    assert ninety[WINDOW_DAYS.index(28)] < 0.6 * 28 * ninety[WINDOW_DAYS.index(1)]


def test_errors_come_from_before_the_origin_only() -> None:
    units = _skewed(40, 300, seed=2)
    panel, history = _panel(units[:, :250])
    longer, longer_shop = _panel(units)
    one = fit(panel, history, (7,), (0.5, 0.9))
    two = fit(longer.until(250), longer_shop.until(250), (7,), (0.5, 0.9))
    np.testing.assert_array_equal(one.pooled[0].quantiles, two.pooled[0].quantiles)


def test_a_short_history_borrows_the_errors_of_shorter_windows() -> None:
    panel, history = _panel(_skewed(200, 110, seed=3))
    calibration = fit(panel, history, (7, 60), (0.5, 0.9))
    assert calibration.pooled[1] is calibration.pooled[0]
    assert calibration.pooled[0].position.size > 1


def test_without_history_errors_are_normal() -> None:
    panel, history = _panel(_skewed(5, 20, seed=3))
    assert list(origin_steps(panel)) == []
    calibration = fit(panel, history, (7,), (0.5, 0.9))
    np.testing.assert_allclose(calibration.pooled[0].quantiles, [[0, 1.2816]], atol=1e-4)


def test_windows_of_closed_days_and_dormant_items_total_zero() -> None:
    panel, history = panel_of(demand(5 + 7 * 30), 5 + 7 * 30)  # the origin is a Saturday, closed
    calibration = fit(panel, history, WINDOW_DAYS, WINDOW_QUANTILES)
    totals = calibration.totals(expect(panel.units, history, 90, history.season(90)))
    assert (totals.quantiles[:, 0] == 0).all()
    assert (totals.mean[:, 0] == 0).all()
    assert totals.mean[:, 1].sum() > 0
    unsold = np.zeros((1, panel.days), dtype=np.float32)
    nothing = calibration.totals(expect(unsold, history, 90, history.season(90)))
    assert (nothing.quantiles == 0).all()


def test_unknown_days_count_as_days_like_the_others() -> None:
    units = _skewed(300, 500, seed=5)
    holes = units.copy()
    holes[np.random.default_rng(6).random(units.shape) < 0.1] = np.nan
    panel, history = _panel(units)
    full = fit(panel, history, (14,), (0.5, 0.9)).pooled[0].of(AWAKE).quantiles
    holed = fit(_panel(holes)[0], history, (14,), (0.5, 0.9)).pooled[0].of(AWAKE).quantiles
    np.testing.assert_allclose(holed, full, atol=0.2)


@pytest.mark.parametrize("window", [1, 3, 28, 30, 90])
def test_the_expected_total_is_that_of_its_days(window: int) -> None:
    """Of an item with a week of its own too, whose Saturdays are not the shop's."""
    week = np.array([[5.0] * 7, [0.0, 0.0, 0.0, 0.0, 5.0, 30.0, 0.0]])
    panel, history = _panel(np.random.default_rng(5).poisson(np.tile(week, 60)).astype(np.float32))
    expected = expect(panel.units, history, 90, history.season(90))
    total, _ = total_and_scale(expected, window)
    np.testing.assert_allclose(total, expected.daily()[:, :window].sum(axis=1), rtol=1e-4)
    if window == 3:  # the panel ends on a Sunday
        assert total[1] < 0.3 * total[0]
