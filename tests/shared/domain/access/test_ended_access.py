"""What tokens open no more though they have not expired."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.client import ClientSuspended
from shared.domain.access.ended_access import MOST_SIGNED_OUT, EndedAccess, EndedSessions, SessionEnded
from shared.domain.access.principal import Principal, Role
from shared.domain.access.session import ACCESS_TOKEN_LIFETIME, REPEAT_WINDOW
from shared.firestore.ended_access import decoded, encoded

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
_GENERATIONS = st.integers(0, 1_000)
_UTC = st.just(dt.UTC)
_ENDED = st.builds(EndedSessions, _GENERATIONS, st.datetimes(timezones=_UTC))


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


def test_a_session_that_was_signed_out_has_ended_and_no_other() -> None:
    ended = EndedAccess().with_signed_out("laptop", NOW)
    with pytest.raises(SessionEnded):
        ended.check(replace(caller(), session_id="laptop"))
    for session_id in ("phone", ""):
        ended.check(replace(caller(), session_id=session_id))


@given(st.lists(st.integers(0, 3600), max_size=12))
def test_no_sign_out_is_forgotten_while_a_token_may_be_good(ages: list[int]) -> None:
    ended = EndedAccess(suspended=True, sessions={"ann": EndedSessions(1, NOW)})
    for place, age in sorted(enumerate(ages), key=lambda each: -each[1]):
        ended = ended.with_signed_out(str(place), NOW - dt.timedelta(seconds=age))
    ended = ended.with_signed_out("now", NOW)
    assert (ended.suspended, set(ended.sessions)) == (True, {"ann"})
    lifetime = ACCESS_TOKEN_LIFETIME + REPEAT_WINDOW
    assert {str(place) for place, age in enumerate(ages) if dt.timedelta(seconds=age) <= lifetime} <= set(
        ended.signed_out
    )
    assert all(NOW - at < 2 * lifetime for at in ended.signed_out.values())


def test_of_very_many_sign_outs_the_newest_are_kept() -> None:
    ended = EndedAccess()
    for second in range(MOST_SIGNED_OUT + 3):
        ended = ended.with_signed_out(str(second), NOW + dt.timedelta(seconds=second))
    assert set(ended.signed_out) == {str(second) for second in range(3, MOST_SIGNED_OUT + 3)}


@given(st.booleans(), st.dictionaries(st.text(), _ENDED), st.dictionaries(st.text(), st.datetimes(timezones=_UTC)))
def test_it_comes_back_as_it_was_written(
    suspended: bool, sessions: dict[str, EndedSessions], signed_out: dict[str, dt.datetime]
) -> None:
    ended = EndedAccess(suspended, sessions, signed_out)
    assert decoded(encoded(ended)) == ended
    assert decoded(None) == EndedAccess()


def test_what_was_written_before_single_sessions_ended_is_read() -> None:
    assert decoded('{"suspended": true, "sessions": {}}') == EndedAccess(suspended=True)


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
