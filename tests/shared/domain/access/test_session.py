"""How long a caller waits after wrong passwords, and which refresh token is good."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.session import (
    OF_A_SOURCE,
    OF_AN_ADDRESS,
    REPEAT_WINDOW,
    RefreshToken,
    SignInAttempts,
    derived_secret,
)

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


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


def test_a_token_is_good_until_it_expires_or_is_revoked() -> None:
    token = RefreshToken("token", "family", "user", "hash", NOW + DAY)
    assert token.good(NOW)
    assert not token.good(NOW + DAY)
    assert not replace(token, revoked_at=NOW).good(NOW)


def test_a_used_token_is_replayed_once_another_tab_would_not_use_it() -> None:
    token = RefreshToken("token", "family", "user", "hash", NOW + DAY)
    assert not token.replayed(NOW)
    used = token.used(NOW, "next")
    assert (used.used_at, used.successor_id) == (NOW, "next")
    assert not used.replayed(NOW + REPEAT_WINDOW)
    assert used.replayed(NOW + REPEAT_WINDOW + dt.timedelta(microseconds=1))


def test_a_source_may_try_more_often_and_waits_less_long() -> None:
    attempts = SignInAttempts()
    for _ in range(OF_A_SOURCE.free - 1):
        attempts = attempts.with_another(NOW, OF_A_SOURCE)
    assert not attempts.wait(NOW)
    for _ in range(50):
        attempts = attempts.with_another(NOW, OF_A_SOURCE)
    assert attempts.wait(NOW) == dt.timedelta(minutes=1)


@given(st.lists(st.text(alphabet="ab", min_size=1), min_size=3, max_size=3, unique=True))
def test_a_derived_secret_differs_with_its_key_its_purpose_and_its_parts(texts: list[str]) -> None:
    first, second, third = texts
    assert derived_secret(first, second, third) == derived_secret(first, second, third)
    others = derived_secret(second, second, third), derived_secret(first, third, third)
    assert derived_secret(first, second, third) not in (*others, derived_secret(first, second, second))
