"""Who may sign in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from shared.domain.access.one_time_token import OneTimeToken
from shared.domain.access.principal import Principal, Role


@dataclass(frozen=True)
class User:
    """Who may sign in. `platform`: an operator of Stockcast itself, who may name any client.

    `status`: `invited` until the first password is chosen, then `active` or `inactive`. `session_generation` counts how
    often all sessions were ended: a token of an earlier one is void.
    """

    user_id: str
    email: str
    password_hash: str | None = field(repr=False)
    role: Role
    client_id: str
    status: str = "active"
    platform: bool = False
    session_generation: int = 0
    name: str | None = None
    locale: str | None = None
    one_time_token: OneTimeToken | None = field(default=None, repr=False)

    def with_password(self, password_hash: str) -> User:
        """The user with another password: what was handed over to choose one is void, and so are the sessions."""
        return replace(
            self,
            password_hash=password_hash,
            status="active" if self.status == "invited" else self.status,
            one_time_token=None,
            session_generation=self.session_generation + 1,
        )

    @property
    def principal(self) -> Principal:
        """The user as a caller, with an access token made now."""
        return Principal(
            user_id=self.user_id,
            client_id=self.client_id,
            role=self.role,
            platform=self.platform,
            session_generation=self.session_generation,
        )

    @property
    def active_admin(self) -> bool:
        """Whether the user can keep the client's users."""
        return self.role is Role.ADMIN and self.status == "active" and not self.platform
