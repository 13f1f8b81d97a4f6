"""Who is calling, and what their role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import Conflict, NotFound


class LastAdmin(Conflict):
    """The client's last active administrator cannot be demoted, disabled or deleted."""

    code = "last_admin"


class UserNotFound(NotFound):
    """The client has no such user."""

    code = "user_not_found"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"no user {user_id!r}")


class EmailTaken(Conflict):
    """Another user has this email address."""

    code = "email_taken"


class Role(StrEnum):
    ADMIN = "ADMIN"
    CEO = "CEO"
    PROCUREMENT = "PROCUREMENT"
    MARKETING = "MARKETING"
    VIEWER = "VIEWER"
    SERVICE = "SERVICE"


EVERY_ROLE = frozenset(Role)
ADMINISTRATORS = frozenset({Role.ADMIN})  # keep users, read the audit log
EDITORS_OF_SETTINGS = frozenset({Role.CEO, Role.ADMIN})
EDITORS_OF_PRODUCTS = frozenset({Role.PROCUREMENT, Role.ADMIN})
BUYERS = frozenset({Role.PROCUREMENT, Role.ADMIN})  # order, and keep suppliers, conditions and locations
CAMPAIGN_PLANNERS = frozenset({Role.MARKETING, Role.ADMIN})
DISMISSERS = frozenset({Role.ADMIN, Role.CEO, Role.PROCUREMENT, Role.MARKETING})  # of recommendations
RUNNERS_OF_ETL = frozenset({Role.ADMIN, Role.SERVICE})
STARTERS_OF_FORECASTS = frozenset({Role.ADMIN, Role.PROCUREMENT, Role.SERVICE})
STARTERS_OF_REFRESH = frozenset({Role.ADMIN, Role.PROCUREMENT, Role.SERVICE})
ASKERS = EVERY_ROLE - {Role.SERVICE}  # in plain language; a machine calls the endpoints themselves
CANCELLERS = EVERY_ROLE - {Role.SERVICE}  # of operations: of their own, and of those that they may start


# Where the platform's own people and the record of what they do are at home; no client has this id.
PLATFORM_HOME = "platform"


@dataclass(frozen=True)
class Principal:
    """A verified caller. `platform` callers may name any client and pass every check of roles; all others only their
    own.

    That is for people who run Stockcast. A machine has one client and what the role SERVICE may do in it.
    """

    user_id: str
    client_id: str
    role: Role
    platform: bool = False
    machine: bool = False  # with a service token: no user of ours
    session_generation: int = 0  # of the user when the token was made: ending all sessions makes a new one
    session_id: str = ""  # of the sign-in that the token descends from; none of a machine

    def __post_init__(self) -> None:
        if self.platform and self.role is Role.SERVICE:
            raise ValueError("SERVICE is the role of a machine: it cannot be the platform's")
