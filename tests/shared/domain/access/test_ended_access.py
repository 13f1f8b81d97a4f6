"""What tokens open no more though they have not expired."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.client import ClientSuspended
from shared.domain.access.ended_access import EndedAccess, EndedSessions, SessionEnded
from shared.domain.access.principal import Principal, Role
from shared.domain.access.session import ACCESS_TOKEN_LIFETIME, REPEAT_WINDOW
from shared.firestore.ended_access import decoded, encoded

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
_GENERATIONS = st.integers(0, 1_000)
_ENDED = st.builds(EndedSessions, _GENERATIONS, st.datetimes(timezones=st.just(dt.UTC)))


def caller(generation: int = 0, *, user_id: str = "ann", platform: bool = False) -> Principal:
    return Principal(user_id, "acme", Role.ADMIN, platform, session_generation=generation)


@given(_GENERATIONS, _GENERATIONS)
def test_a_session_of_an_earlier_generation_has_ended(generation: int, since: int) -> None:
    ended = EndedAccess().with_sessions("ann", EndedSessions(since, NOW))
    ended.check(caller(generation, user_id="bob"))
    if generation >= since:
        ended.check(caller(generation))
    else:
        with pytest.raises(SessionEnded):
            ended.check(caller(generation))


def test_a_suspended_client_is_closed_to_all_but_the_platform() -> None:
    suspended = EndedAccess(suspended=True)
    with pytest.raises(ClientSuspended, match="'acme'"):
        suspended.check(caller())
    suspended.check(caller(platform=True))
    with pytest.raises(SessionEnded):
        suspended.with_sessions("ann", EndedSessions(1, NOW)).check(caller(platform=True))


@given(st.booleans(), st.dictionaries(st.text(), _ENDED))
def test_it_comes_back_as_it_was_written(suspended: bool, sessions: dict[str, EndedSessions]) -> None:
    ended = EndedAccess(suspended, sessions)
    assert decoded(encoded(ended)) == ended
    assert decoded(None) == EndedAccess()


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3600)))
def test_none_is_forgotten_whose_tokens_may_be_good(ages: dict[str, int]) -> None:
    """However many came before it: a token that was made just before the end is the last to expire."""
    ended = EndedAccess(suspended=True)
    for user_id, age in sorted(ages.items(), key=lambda each: -each[1]):
        ended = ended.with_sessions(user_id, EndedSessions(1, NOW - dt.timedelta(seconds=age)))
    ended = ended.with_sessions("now", EndedSessions(1, NOW))
    assert ended.suspended
    lifetime = ACCESS_TOKEN_LIFETIME + REPEAT_WINDOW
    young = {user_id for user_id, age in ages.items() if dt.timedelta(seconds=age) <= lifetime}
    assert young | {"now"} <= set(ended.sessions)
    assert all(NOW - each.at < 2 * lifetime for each in ended.sessions.values())
