"""Who is calling, and what their role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True)
class Principal:
    """A verified caller. `platform` callers may name any client; all others only their own."""

    user_id: str
    client_id: str
    role: Role
    platform: bool = False
