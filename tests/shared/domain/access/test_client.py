"""A client's calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.access.client import CURRENCIES, Client, is_client_id, is_time_zone


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


@pytest.mark.parametrize(
    ("text", "good"), [("acme-1_x", True), ("1", True), ("", False), ("-a", False), ("a b", False)]
)
def test_an_id_stands_in_paths(text: str, good: bool) -> None:
    assert is_client_id(text) is good


def test_zones_and_currencies_are_known_by_their_names() -> None:
    assert is_time_zone("Europe/London")
    assert not any(map(is_time_zone, ("europe/london", "../UTC", "", "GMT+25")))
    assert {"EUR", "GBP", "JPY"} <= CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
