"""Expected demand of every kind of item."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from forecast_job.client_history.level import LOOKBACK_DAYS, Expected, expect
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory

FIRST = dt.date(2022, 1, 3)  # a Monday
DAYS = 700


def _expected(*series: np.ndarray, horizon: int = 90) -> Expected:
    """With a hundred steady other items, so that the shop itself is steady."""
    history = ClientHistory(FIRST, np.full(DAYS, 100.0))
    return expect(np.stack(series).astype(np.float32), history, horizon, history.season(horizon))


def _steady(units: float = 4.0, since: int = 0) -> np.ndarray:
    return np.where(np.arange(DAYS) < since, np.nan, units)


def test_a_steady_item_is_expected_to_go_on() -> None:
    np.testing.assert_allclose(_expected(_steady()).daily(), 4.0, rtol=0.02)


def test_unknown_days_do_not_lower_the_level() -> None:
    stockouts = _steady()
    stockouts[-30:] = np.nan
    np.testing.assert_allclose(_expected(stockouts, _steady()).daily()[0], 4.0, rtol=0.02)


def test_a_new_item_is_expected_with_caution_while_its_days_are_few() -> None:
    weeks, days, day = (_expected(_steady(20.0, since=DAYS - age)).daily()[0, 0] for age in (60, 5, 1))
    assert 5 < day < days < weeks < 20


def test_a_bulk_order_does_not_become_the_level() -> None:
    bulk = _steady(1.0)
    bulk[-3] = 10_000
    assert _expected(bulk).daily()[0, 0] < 5


def test_a_dying_item_falls() -> None:
    dying = _steady()
    dying[-42:] = 0
    assert _expected(dying).daily()[0, 0] < 2.5


@pytest.mark.parametrize("sold_before", [True, False])
def test_a_dormant_item_is_expected_to_sell_little(sold_before: bool) -> None:
    dormant = np.zeros(DAYS)
    dormant[DAYS - 240 : DAYS - 190] = 3.0 if sold_before else 0.0
    expected = _expected(dormant, _steady())
    assert expected.dormant.tolist() == [True, False]
    daily = expected.daily()[0]
    assert (daily < 0.2).all()
    assert (daily > 0).all() == sold_before
    assert expected.idle_days.tolist() == [190 if sold_before else LOOKBACK_DAYS, 0]


def test_an_item_known_for_weeks_without_a_sale_is_expected_to_sell_nothing_yet() -> None:
    unsold = np.where(np.arange(DAYS) < DAYS - 60, np.nan, 0.0)
    expected = _expected(unsold, _steady())
    assert not expected.dormant[0]
    assert expected.daily()[0, 0] == 0


def test_a_seasonal_item_is_expected_from_last_years_season() -> None:
    day = np.arange(DAYS)
    season = (day >= DAYS - YEAR_DAYS + 28) & (day < DAYS - YEAR_DAYS + 84)
    expected = _expected(np.where(season, 10.0, 0.0), _steady(10.0))
    assert not expected.dormant[0]
    daily = expected.daily()[0]
    assert daily[40] > 3
    assert daily[40] > 3 * daily[0]


def test_closed_days_expect_nothing() -> None:
    sellers = np.where(np.arange(DAYS) % 7 == 5, 0.0, 100.0)
    units = np.where(np.arange(DAYS) % 7 == 5, 0.0, 6.0).astype(np.float32)[None, :]
    history = ClientHistory(FIRST, sellers)
    daily = expect(units, history, 14, history.season(14)).daily()[0]
    closed = history.weekdays(14)[DAYS:] == 5
    assert (daily[closed] == 0).all()
    np.testing.assert_allclose(daily[~closed], 6.0, rtol=0.02)
    assert closed.sum() == 2


def test_no_history_at_all() -> None:
    history = ClientHistory(FIRST, np.zeros(0))
    expected = expect(np.zeros((2, 0), dtype=np.float32), history, 30, history.season(30))
    assert expected.daily().tolist() == [[0.0] * 30] * 2
