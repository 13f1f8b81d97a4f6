"""The shop's weekdays and season."""

from __future__ import annotations

import datetime as dt

import numpy as np

from forecast_job.client_history.season_and_open_days import AWAKE_DAYS, YEAR_DAYS, ClientHistory

FIRST = dt.date(2022, 1, 3)  # a Monday


def test_the_profile_tells_weekdays_apart_and_is_zero_when_closed() -> None:
    weekday = np.arange(280) % 7
    profile = ClientHistory(FIRST, np.array([30, 30, 30, 30, 60, 0, 10.0])[weekday]).weekday_profile
    assert profile[5] == 0
    np.testing.assert_allclose(profile[[0, 4, 6]], np.array([30, 60, 10]) / (190 / 6), rtol=0.15)


def test_a_steady_shop_has_no_season() -> None:
    season = ClientHistory(FIRST, np.full(500, 20.0)).season(30)
    np.testing.assert_allclose(season.past, 1, atol=0.01)
    np.testing.assert_allclose(season.future, 1, atol=0.01)


def test_a_part_of_last_years_rise_is_expected_again() -> None:
    days = np.arange(2 * YEAR_DAYS - 40)
    sellers = 20 + 20 * np.exp(-0.5 * ((days % YEAR_DAYS - YEAR_DAYS + 10) / 15.0) ** 2)
    season = ClientHistory(FIRST, sellers).season(60)
    assert 1.4 < season.future[30] < 2.0
    assert season.future[30] > season.future[0]


def test_last_years_rise_is_expected_as_soon_as_a_year_is_known() -> None:
    sellers = 20 + 40 * (np.arange(2 * YEAR_DAYS) % YEAR_DAYS > 20).astype(float)
    assert ClientHistory(FIRST, sellers[: YEAR_DAYS + 3]).season(60).future[40] > 1.3
    assert (ClientHistory(FIRST, sellers[:YEAR_DAYS]).season(60).future == 1).all()


def test_a_growing_range_is_no_season() -> None:
    units = np.random.default_rng(1).poisson(2, (120, 600)).astype(float)
    start = np.maximum(np.arange(120) * 6 - 360, 0)  # the range doubles after its first half year
    start += AWAKE_DAYS * (start > 0)
    units[np.arange(600) < start[:, None]] = np.nan
    history = ClientHistory.of(FIRST, units)
    np.testing.assert_allclose(history.season(30).past, 1, atol=0.06)
    assert history.sellers[-30:].mean() > 1.8 * history.sellers[:30].mean()


def test_a_rise_that_all_items_share_is_a_season() -> None:
    days = np.arange(600)
    level = 0.3 + 0.4 * np.exp(-0.5 * ((days - 300) / 20.0) ** 2)
    season = ClientHistory.of(FIRST, (np.random.default_rng(1).random((200, 600)) < level).astype(float)).season(30)
    assert season.past[300] > 1.8 * season.past[450]


def test_an_item_that_sells_seldom_is_part_of_the_range_for_half_a_year() -> None:
    units = np.zeros((1, 2 * AWAKE_DAYS))
    units[0, 3] = 1
    history = ClientHistory.of(FIRST, units)
    assert history.awake is not None
    assert np.flatnonzero(history.awake).tolist() == list(range(3, 3 + AWAKE_DAYS))
    known = history.until(5)
    assert known.awake is not None
    assert known.awake.tolist() == [0, 0, 0, 1, 1]


def test_season_and_profile_come_from_known_days_only() -> None:
    sellers = np.random.default_rng(1).poisson(30, 600).astype(float)
    changed = sellers.copy()
    changed[500:] = 500
    before, after = ClientHistory(FIRST, sellers).until(500), ClientHistory(FIRST, changed).until(500)
    np.testing.assert_array_equal(before.season(60).past, after.season(60).past)
    np.testing.assert_array_equal(before.season(60).future, after.season(60).future)
    np.testing.assert_array_equal(before.weekday_profile, after.weekday_profile)


def test_a_shop_that_never_sold() -> None:
    for days in (0, 1, 400):
        history = ClientHistory(FIRST, np.zeros(days))
        assert history.open_days(10).all()
        np.testing.assert_array_equal(history.season(10).future, 1)
        np.testing.assert_array_equal(history.weekday_profile, 1)
