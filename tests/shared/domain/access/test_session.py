"""How long a caller waits after wrong passwords, and which refresh token is good."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.session import RefreshToken, SignInAttempts

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def _after(failures: int) -> SignInAttempts:
    attempts = SignInAttempts()
    for _ in range(failures):
        attempts = attempts.after_failure(NOW)
    return attempts


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (14, 512), (15, 900), (40, 900), (2000, 900)]
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
    assert token.used(NOW).used_at == NOW
