"""How long a caller waits after wrong passwords, and who waits for whom."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.sign_in_attempts import (
    KNOWN_SOURCES,
    OF_A_SOURCE,
    OF_AN_ADDRESS,
    AddressAttempts,
    SignInAttempts,
    network_of,
)

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
_SOURCES = st.lists(st.sampled_from("abcdefgh"), max_size=30)


def _after(failures: int) -> SignInAttempts:
    attempts = SignInAttempts()
    for _ in range(failures):
        attempts = attempts.with_another(NOW, OF_AN_ADDRESS)
    return attempts


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 5), (6, 10), (8, 40), (12, 640), (13, 900), (40, 900), (2000, 900)]
)
def test_each_wrong_password_past_the_first_few_doubles_the_wait(failures: int, seconds: int) -> None:
    assert _after(failures).wait(NOW).total_seconds() == seconds


@given(st.integers(0, 60), st.integers(0, 2000))
def test_the_wait_runs_down_to_zero_and_never_below(failures: int, seconds: int) -> None:
    attempts = _after(failures)
    later = attempts.wait(NOW + dt.timedelta(seconds=seconds))
    assert later == max(attempts.wait(NOW) - dt.timedelta(seconds=seconds), dt.timedelta())


def test_attempts_are_forgotten_after_a_day() -> None:
    assert _after(4).at(NOW + DAY - dt.timedelta(seconds=1)) == _after(4)
    assert _after(4).at(NOW + DAY) == SignInAttempts()
    assert _after(4).with_another(NOW + DAY, OF_AN_ADDRESS).failed == 1


def test_a_source_may_try_more_often_and_waits_less_long() -> None:
    attempts = SignInAttempts()
    for _ in range(OF_A_SOURCE.free - 1):
        attempts = attempts.with_another(NOW, OF_A_SOURCE)
    assert not attempts.wait(NOW)
    for _ in range(50):
        attempts = attempts.with_another(NOW, OF_A_SOURCE)
    assert attempts.wait(NOW) == dt.timedelta(minutes=1)


@given(_SOURCES, _SOURCES)
def test_strangers_wait_for_each_other_and_never_the_user(known: list[str], strangers: list[str]) -> None:
    """Whoever tries from where the user never was counts with all such; the user's own sources each for themselves."""
    attempts = AddressAttempts()
    for source in known:
        attempts = attempts.after_success(source)
    own = set(attempts.of_known)
    for source in strangers:
        attempts = attempts.with_another(f"not {source}", NOW)
    assert attempts.of("anywhere").failed == len(strangers)
    assert not any(attempts.of(source).failed for source in own)
    for source in own:
        attempts = attempts.with_another(source, NOW)
        assert attempts.of(source).failed == 1
    assert attempts.of("anywhere").failed == len(strangers)


@given(_SOURCES)
def test_the_last_few_sources_are_known(sources: list[str]) -> None:
    attempts = AddressAttempts()
    for source in sources:
        attempts = attempts.after_success(source)
    latest = list(dict.fromkeys(reversed(sources)))[:KNOWN_SOURCES]
    assert list(attempts.of_known) == latest


def test_a_success_starts_its_own_attempts_anew_and_a_strangers_only_where_it_was_one() -> None:
    attempts = AddressAttempts().after_success("office")
    for source in ("office", "elsewhere", "elsewhere"):
        attempts = attempts.with_another(source, NOW)
    at_the_office = attempts.after_success("office")
    assert (at_the_office.of("office").failed, at_the_office.of("elsewhere").failed) == (0, 2)
    on_the_way = attempts.after_success("elsewhere")
    assert (on_the_way.of("office").failed, on_the_way.of("anywhere").failed) == (1, 0)


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_source(source: str, network: str) -> None:
    assert network_of(source) == network
