"""Who may sign in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from shared.domain.access.principal import Role


@dataclass(frozen=True)
class User:
    """Who may sign in. `platform`: an operator of Stockcast itself, who may name any client.

    `session_generation` counts how often all sessions were ended: a refresh token of an earlier one is void.
    """

    user_id: str
    email: str
    password_hash: str = field(repr=False)
    role: Role
    client_id: str
    status: str = "active"
    platform: bool = False
    created_at: dt.datetime | None = None
    session_generation: int = 0

    @property
    def active_admin(self) -> bool:
        """Whether the user can keep the client's users."""
        return self.role is Role.ADMIN and self.status == "active" and not self.platform
