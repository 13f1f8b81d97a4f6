"""Keys of machines: how they are spelled, when they end, and when a use is written down."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.principal import Principal, Role
from shared.domain.access.service_token import (
    LONGEST_LIFETIME,
    USUAL_LIFETIME,
    InvalidExpiry,
    ServiceKey,
    ServiceToken,
    expiry,
    service_secret,
)

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
TOKEN = ServiceToken("0" * 32, "acme", "import", Role.SERVICE, "", "nonce", NOW + USUAL_LIFETIME, "ann")


@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True),
)
def test_a_key_is_read_as_it_was_written(client_id: str, token_id: str, secret: str) -> None:
    key = ServiceKey(client_id, token_id, secret)
    assert ServiceKey.parse(str(key)) == key


@given(st.text())
def test_any_other_text_is_no_key(text: str) -> None:
    assert ServiceKey.parse(text) is None


def test_a_secret_of_the_service_opens_and_no_other() -> None:
    secret = service_secret("key", TOKEN)
    sealed = TOKEN.sealed(secret)
    assert sealed.opens(secret)
    assert not sealed.opens(service_secret("another", TOKEN))
    assert secret not in repr(sealed)
    assert ServiceKey.parse(str(ServiceKey("acme", TOKEN.id, secret))) is not None


def test_it_is_a_machine_of_one_client() -> None:
    assert TOKEN.principal == Principal(f"sk_{TOKEN.id}", "acme", Role.SERVICE, platform=False, machine=True)


@pytest.mark.parametrize(("minutes", "news"), [(0, False), (9, False), (10, True), (600, True)])
def test_a_use_is_written_down_every_ten_minutes(minutes: int, news: bool) -> None:
    assert TOKEN.use_is_news(NOW)
    used = ServiceToken(**vars(TOKEN) | {"last_used_at": NOW})
    assert used.use_is_news(NOW + dt.timedelta(minutes=minutes)) is news


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_a_key_ends_within_two_years(end: dt.datetime) -> None:
    if NOW < end <= NOW + LONGEST_LIFETIME:
        assert expiry(end, NOW) == end
    else:
        with pytest.raises(InvalidExpiry):
            expiry(end, NOW)


def test_a_key_ends_in_a_year_unless_it_says_otherwise() -> None:
    assert expiry(None, NOW) == NOW + USUAL_LIFETIME
