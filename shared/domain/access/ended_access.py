"""What ends before the access tokens that say otherwise expire: a session, all sessions of a user, a whole client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.domain.access.client import ClientSuspended
from shared.domain.access.principal import Principal
from shared.domain.access.session import ACCESS_TOKEN_LIFETIME
from shared.domain.errors import Unauthenticated

# By then every token of before has expired, also where two clocks differ.
_KEPT_FOR = ACCESS_TOKEN_LIFETIME + dt.timedelta(minutes=10)
# Every request reads them. Of a client with more sign-outs than these within that time the earliest are let go first,
# whose tokens are the next to expire.
MOST_SIGNED_OUT = 200


class SessionEnded(Unauthenticated):
    """The session has ended: the user signed out, was disabled, deleted, or given another role or password."""

    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("the session has ended; sign in again at /auth/token")


@dataclass(frozen=True)
class EndedSessions:
    """A user's sessions of generations before this one ended `at`, UTC."""

    generation: int
    at: dt.datetime


@dataclass(frozen=True)
class EndedAccess:
    """What the tokens of a client open no more though they have not expired.

    `sessions` by the ids of their users; `signed_out` when a single session ended, by its id.
    """

    suspended: bool = False
    sessions: Mapping[str, EndedSessions] = field(default_factory=dict)
    signed_out: Mapping[str, dt.datetime] = field(default_factory=dict)

    def check(self, caller: Principal) -> None:
        """Raises SessionEnded and ClientSuspended; the latter for nobody who runs Stockcast. The caller is at home in
        this client."""
        ended = self.sessions.get(caller.user_id)
        if ended is not None and caller.session_generation < ended.generation:
            raise SessionEnded
        if caller.session_id and caller.session_id in self.signed_out:
            raise SessionEnded
        if self.suspended and not caller.platform:
            raise ClientSuspended(caller.client_id)

    def with_sessions(self, user_id: str, ended: EndedSessions) -> EndedAccess:
        """With one user's more, and without those whose tokens have expired by then."""
        kept = {name: each for name, each in self.sessions.items() if ended.at - each.at < _KEPT_FOR}
        return replace(self, sessions=kept | {user_id: ended})

    def with_signed_out(self, session_id: str, at: dt.datetime) -> EndedAccess:
        """With one session more, and without those whose tokens have expired by then."""
        kept = sorted((ended, name) for name, ended in self.signed_out.items() if at - ended < _KEPT_FOR)
        others = {name: ended for ended, name in kept[-(MOST_SIGNED_OUT - 1) :] if name != session_id}
        return replace(self, signed_out=others | {session_id: at})
