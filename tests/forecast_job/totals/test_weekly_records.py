"""One record a week, items at one location each: totals over weeks, with weeks in which there was no stock."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from forecast_job.client_history.level import expect
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import build_panel
from forecast_job.totals.calibration import WindowTotals, fit
from shared.bigquery.tables import WINDOW_QUANTILES

WEEKS, ITEMS, AHEAD, FIRST = 104, 300, 4, dt.date(2022, 1, 3)
WINDOWS = (7, 21, 28)


def weekly(out_of_stock: float) -> tuple[pl.DataFrame, np.ndarray]:
    """The records, each on a Monday, and what was wanted in each week: item i is sold at one of three places."""
    generator = np.random.default_rng(4)
    mean = generator.lognormal(1, 1, (ITEMS, 1)) * np.exp(np.cumsum(generator.normal(0, 0.04, (ITEMS, WEEKS)), axis=1))
    wanted = generator.poisson(mean * generator.gamma(2, 0.5, mean.shape)).astype(np.float64)
    out = generator.random(wanted.shape) < out_of_stock
    out |= np.roll(out, 1, axis=1) & (generator.random(wanted.shape) < 0.5 * (out_of_stock > 0))
    out[:, 0], item, week = False, *np.indices(wanted.shape)
    records = pl.DataFrame(
        {
            "item_id": [f"I{of:03}" for of in item.ravel()],
            "location_id": [f"S{of % 3}" for of in item.ravel()],
            "date_local": [FIRST + dt.timedelta(weeks=int(of)) for of in week.ravel()],
            "units_sold": np.where(out, 0, wanted).ravel(),
            "stock_on_date": np.where(out, 0, 50).ravel(),
        }
    )
    return records, wanted


def totals(records: pl.DataFrame, weeks: int) -> WindowTotals:
    """As of the end of so many weeks."""
    panel, _ = build_panel(records, FIRST, FIRST + dt.timedelta(weeks=weeks))
    items = panel.rows(panel.totals())
    history = ClientHistory.of(FIRST, items.units)
    expected = expect(items.units, history, 28, history.season(28))
    return fit(items, history, WINDOWS, WINDOW_QUANTILES).totals(expected)


Scored = tuple[list[np.ndarray], list[WindowTotals]]


@pytest.fixture(scope="module", params=[0.0, 0.12], ids=["always in stock", "often out of stock"])
def scored(request: pytest.FixtureRequest) -> Scored:
    """What was wanted in each of the four weeks after each of two origins, and the totals as of them."""
    records, wanted = weekly(request.param)
    origins = (WEEKS - 2 * AHEAD, WEEKS - AHEAD)
    return [wanted[:, at : at + AHEAD] for at in origins], [totals(records, at) for at in origins]


@pytest.mark.parametrize("window", [21, 28])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_totals_of_weeks_are_covered_as_often_as_said(scored: Scored, window: int, level: float) -> None:
    after, found = scored
    wanted = np.concatenate([of[:, : window // 7].sum(axis=1) for of in after])
    quantiles = np.concatenate([of.quantiles[:, WINDOWS.index(window)] for of in found])
    covered = (wanted <= quantiles[:, WINDOW_QUANTILES.index(level)]).mean()
    assert covered == pytest.approx(level, abs=0.03)


def test_weeks_without_stock_do_not_lower_what_is_expected() -> None:
    """Such a week is one day that is not known: the other six are no days of this shop."""
    means = [totals(weekly(share)[0], WEEKS - AHEAD).mean[:, WINDOWS.index(28)] for share in (0.0, 0.12)]
    assert means[1].sum() == pytest.approx(means[0].sum(), rel=0.03)
