"""The age of a client's figures."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.freshness import Freshness, freshness

TODAY = dt.date(2024, 6, 3)
DAYS = st.integers(0, 5000)


@given(DAYS, DAYS)
def test_it_is_the_days_since(sold: int, forecast: int) -> None:
    ages = freshness(TODAY, TODAY - dt.timedelta(sold), TODAY - dt.timedelta(forecast))
    assert ages == Freshness(sold, forecast)


def test_nothing_has_no_age_and_the_future_is_fresh() -> None:
    assert freshness(TODAY, None, TODAY + dt.timedelta(3)) == Freshness(None, 0)
