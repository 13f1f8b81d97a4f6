"""A client's calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.access.client import Client


@pytest.mark.parametrize(
    ("timezone", "hour", "today"),
    [
        ("Pacific/Auckland", 13, dt.date(2024, 6, 4)),
        ("UTC", 13, dt.date(2024, 6, 3)),
        ("America/Lima", 3, dt.date(2024, 6, 2)),
    ],
)
def test_today_is_that_of_the_clients_time_zone(timezone: str, hour: int, today: dt.date) -> None:
    moment = dt.datetime(2024, 6, 3, hour, tzinfo=dt.UTC)
    assert Client("c", "C", timezone).today(moment) == today


def test_a_business_date_stands_still() -> None:
    client = Client("c", "C", business_date=dt.date(2011, 10, 13))
    assert client.today(dt.datetime(2024, 6, 3, tzinfo=dt.UTC)) == dt.date(2011, 10, 13)
