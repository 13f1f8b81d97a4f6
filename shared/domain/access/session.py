"""Sign-in attempts and refresh tokens: when a caller must wait, and which token is still good."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, replace

from shared.domain.errors import InvalidField, TooManyRequests, Unauthenticated

ACCESS_TOKEN_LIFETIME = dt.timedelta(minutes=15)
REFRESH_LIFETIME = dt.timedelta(days=30)
# Two tabs of a browser refresh the same token almost at once; both are to stay signed in.
REPEAT_WINDOW = dt.timedelta(seconds=10)


class CredentialsWrong(Unauthenticated):
    """The email address or the password is wrong, or the user is not active."""

    code = "credentials_wrong"


class RefreshTokenInvalid(Unauthenticated):
    """The refresh token is unknown, used, expired or revoked."""

    code = "refresh_token_invalid"


class CurrentPasswordWrong(InvalidField):
    """The password that is to be replaced is another."""

    code = "current_password_wrong"

    def __init__(self) -> None:
        super().__init__("/current_password", "this is not your present password")


class TooManyAttempts(TooManyRequests):
    """Too many wrong passwords; Retry-After says how long to wait."""

    code = "too_many_attempts"

    def __init__(self, wait: dt.timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        detail = f"too many wrong passwords; try again in {seconds} seconds"
        super().__init__(detail, headers={"Retry-After": str(seconds)})


@dataclass(frozen=True)
class AttemptLimit:
    """How many attempts are free, and the wait after them. Each one more doubles it, up to the longest."""

    free: int
    first_wait: dt.timedelta
    longest_wait: dt.timedelta


OF_AN_ADDRESS = AttemptLimit(5, dt.timedelta(seconds=5), dt.timedelta(minutes=15))
# An office is one source. This slows down who tries one password with many addresses.
OF_A_SOURCE = AttemptLimit(100, dt.timedelta(seconds=1), dt.timedelta(minutes=1))


@dataclass(frozen=True)
class SignInAttempts:
    """Attempts in a row that were not seen to succeed, for one address or from one source."""

    FORGOTTEN_AFTER = dt.timedelta(days=1)

    failed: int = 0
    blocked_until: dt.datetime | None = None

    def wait(self, now: dt.datetime) -> dt.timedelta:
        """How long the caller still has to wait; zero when a try is allowed."""
        return max(self.blocked_until - now, dt.timedelta()) if self.blocked_until else dt.timedelta()

    def with_another(self, now: dt.datetime, limit: AttemptLimit) -> SignInAttempts:
        """One more. Counted before the password is checked, it holds for attempts at the same time too."""
        failed = self.failed + 1
        excess = failed - limit.free
        if excess < 0:
            return SignInAttempts(failed)
        return SignInAttempts(failed, now + min(limit.first_wait * 2 ** min(excess, 20), limit.longest_wait))


@dataclass(frozen=True)
class RefreshToken:
    """One token of a family: all that descend from one sign-in. Used once, it gives way to the next.

    `generation` is that of the user's sessions when it was made: ending them all makes a new one. `successor_id` is the
    token that it gave way to.
    """

    token_id: str
    family_id: str
    user_id: str
    secret_hash: str
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    generation: int = 0
    successor_id: str | None = None

    def good(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def replayed(self, now: dt.datetime) -> bool:
        """Whether using it now is using it again, later than another tab would: it was stolen."""
        return self.used_at is not None and now - self.used_at > REPEAT_WINDOW

    def used(self, now: dt.datetime, successor_id: str) -> RefreshToken:
        return replace(self, used_at=now, successor_id=successor_id)


def derived_secret(key: str, purpose: str, *parts: str) -> str:
    """A secret that can be made again from what it was made of, so that it need not be stored.

    `key` is one of the service's own: without it, who knows all the rest cannot make the secret.
    """
    message = "\0".join(("stockcast", purpose, *parts)).encode()
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), message, "sha256")).rstrip(b"=").decode()


def secret_hash(secret: str) -> str:
    """What is stored of a secret that has 256 bits of its own."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_fits(secret: str, stored: str) -> bool:
    """Whether the secret is the one whose hash is stored."""
    return hmac.compare_digest(secret_hash(secret), stored)
