"""Sign-in attempts and refresh tokens: when a caller must wait, and which token is still good."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from shared.domain.errors import TooManyRequests, Unauthenticated

REFRESH_LIFETIME = dt.timedelta(days=30)
_FREE_ATTEMPTS = 5
_LONGEST_WAIT = dt.timedelta(minutes=15)


class CredentialsWrong(Unauthenticated):
    """The email address or the password is wrong, or the user is not active."""

    code = "credentials_wrong"


class RefreshTokenInvalid(Unauthenticated):
    """The refresh token is unknown, used, expired or revoked."""

    code = "refresh_token_invalid"


class TooManyAttempts(TooManyRequests):
    """Too many wrong passwords in a row; Retry-After says how long to wait."""

    code = "too_many_attempts"


@dataclass(frozen=True)
class SignInAttempts:
    """Wrong passwords in a row. Past the first few, each doubles the wait before the next try."""

    failed: int = 0
    blocked_until: dt.datetime | None = None

    def wait(self, now: dt.datetime) -> dt.timedelta:
        """How long the caller still has to wait; zero when a try is allowed."""
        return max(self.blocked_until - now, dt.timedelta()) if self.blocked_until else dt.timedelta()

    def after_failure(self, now: dt.datetime) -> SignInAttempts:
        failed = self.failed + 1
        excess = failed - _FREE_ATTEMPTS
        if excess < 0:
            return SignInAttempts(failed)
        return SignInAttempts(failed, now + min(dt.timedelta(seconds=2 ** min(excess, 20)), _LONGEST_WAIT))


@dataclass(frozen=True)
class RefreshToken:
    """One token of a family: all that descend from one sign-in. Used once, it gives way to the next.

    `generation` is that of the user's sessions when it was made: ending them all makes a new one.
    """

    token_id: str
    family_id: str
    user_id: str
    secret_hash: str
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    generation: int = 0

    def good(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def used(self, now: dt.datetime) -> RefreshToken:
        return replace(self, used_at=now)
