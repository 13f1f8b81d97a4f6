"""A shop with much that is new: its short-lived items do not decide the totals of those that stay."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.level import expect
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.totals.calibration import WindowTotals, fit
from forecast_job.totals.expected_total import NEW, YOUNG, kinds
from shared.bigquery.tables import WINDOW_QUANTILES
from tests.support.panels import FIRST, bare_panel

DAYS, WINDOW, LASTING = 400, 14, 250


def supermarket(seed: int) -> np.ndarray:
    """Items that stay, at drifting levels, then four times as many that sell best in their first weeks and are gone
    within half a year; NaN before the first sale."""
    generator = np.random.default_rng(seed)
    day = np.arange(DAYS)
    drift = np.exp(np.cumsum(generator.normal(0, 0.02, (LASTING, DAYS)), axis=1))
    stays = generator.uniform(1, 20, (LASTING, 1)) * drift
    begin, life = generator.integers(-200, DAYS, (4 * LASTING, 1)), generator.integers(30, 200, (4 * LASTING, 1))
    age = day - begin
    passes = generator.uniform(0.5, 10, (4 * LASTING, 1)) * np.exp(-np.clip(age, 0, None) / 60)
    mean = np.concatenate([stays, passes * (age >= 0) * (age < life)])
    units = generator.poisson(mean * generator.gamma(4, 0.25, mean.shape)).astype(np.float64)
    first = np.where((units > 0).any(axis=1), (units > 0).argmax(axis=1), DAYS)
    return np.where(day >= first[:, None], units, np.nan)


Totals = tuple[np.ndarray, np.ndarray, WindowTotals]


@pytest.fixture(scope="module")
def totals() -> Totals:
    """What each item sold, its kind, and the totals, at two origins."""
    units = supermarket(seed=1)
    sold, kind, quantiles, means = [], [], [], []
    for origin in (DAYS - 4 * WINDOW, DAYS - WINDOW):
        panel = bare_panel(units[:, :origin])
        history = ClientHistory.of(FIRST, panel.units)
        expected = expect(panel.units, history, 28, history.season(28))
        found = fit(panel, history, (WINDOW, 28), WINDOW_QUANTILES).totals(expected)
        sold.append(np.nansum(units[:, origin : origin + WINDOW], axis=1))
        kind.append(kinds(expected))
        quantiles.append(found.quantiles)
        means.append(found.mean)
    return np.concatenate(sold), np.stack(kind), WindowTotals(np.concatenate(quantiles), np.concatenate(means))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_the_totals_of_items_that_stay_are_covered_as_often_as_said(totals: Totals, level: float) -> None:
    sold, kind, found = totals
    stays = np.tile(np.arange(kind.shape[1]) < LASTING, len(kind))
    covered = (sold <= found.quantiles[:, 0, WINDOW_QUANTILES.index(level)])[stays].mean()
    assert covered == pytest.approx(level, abs=0.03)
    assert found.mean[stays, 0].sum() == pytest.approx(sold[stays].sum(), rel=0.05)


@pytest.mark.parametrize("of", [NEW, YOUNG])
def test_new_items_are_covered_as_often_as_said(totals: Totals, of: int) -> None:
    sold, kind, found = totals
    chosen = kind.ravel() == of
    assert chosen.sum() > 100
    covered = (sold <= found.quantiles[:, 0, WINDOW_QUANTILES.index(0.9)])[chosen].mean()
    assert covered == pytest.approx(0.9, abs=0.06)


def test_what_was_there_when_the_history_began_is_not_young() -> None:
    units = supermarket(seed=2)[:, :150]
    history = ClientHistory.of(FIRST, units)
    kind = kinds(expect(units.astype(np.float32), history, 28, history.season(28)))
    first = np.isnan(units).sum(axis=1)
    assert set(kind[(first < 14) & (np.nan_to_num(units[:, -20:]).sum(axis=1) > 0)]) == {0}
    assert set(kind[(first >= 100) & (np.nan_to_num(units[:, -20:]).sum(axis=1) > 0)]) == {NEW}
