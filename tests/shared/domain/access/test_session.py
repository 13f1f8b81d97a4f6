"""Which refresh token is good, and what derived secrets depend on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.session import REPEAT_WINDOW, RefreshToken, derived_secret

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


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


@given(st.lists(st.text(alphabet="ab", min_size=1), min_size=3, max_size=3, unique=True))
def test_a_derived_secret_differs_with_its_key_its_purpose_and_its_parts(texts: list[str]) -> None:
    first, second, third = texts
    assert derived_secret(first, second, third) == derived_secret(first, second, third)
    others = derived_secret(second, second, third), derived_secret(first, third, third)
    assert derived_secret(first, second, third) not in (*others, derived_secret(first, second, second))
