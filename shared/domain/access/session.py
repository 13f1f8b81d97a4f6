"""Sessions: how long they last, and which refresh token is still good."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, replace

from shared.domain.errors import InvalidField, Unauthenticated

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
