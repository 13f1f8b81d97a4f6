"""One-time tokens: an invitation, or the reset of a password, that an administrator hands over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.access.session import derived_secret, secret_fits, secret_hash
from shared.domain.errors import Unauthenticated

INVITATION_LIFETIME = dt.timedelta(days=7)
RESET_LIFETIME = dt.timedelta(days=1)


class OneTimeTokenInvalid(Unauthenticated):
    """The one-time token is unknown, used, replaced by another or past its end."""

    code = "one_time_token_invalid"

    def __init__(self) -> None:
        super().__init__("the one-time token is not valid any more; ask an administrator for another")


@dataclass(frozen=True)
class OneTimeToken:
    """Who bears it may choose the user's password, once and before its end. A user has at most one.

    Only its hash is stored. `nonce` goes into the secret, which can so be made again for who repeats his request.
    """

    secret_hash: str
    nonce: str
    expires_at: dt.datetime

    def opens(self, secret: str, now: dt.datetime) -> bool:
        return now < self.expires_at and secret_fits(secret, self.secret_hash)


def one_time_secret(key: str, user_id: str, nonce: str) -> str:
    """The secret of a user's token; `key` is the service's own."""
    return derived_secret(key, "one-time token", user_id, nonce)


def issued(secret: str, nonce: str, expires_at: dt.datetime) -> OneTimeToken:
    """What is stored of a token with this secret."""
    return OneTimeToken(secret_hash(secret), nonce, expires_at)


def presented(user_id: str, secret: str) -> str:
    """The token as it is handed over."""
    return f"{user_id}.{secret}"


def parts(token: str) -> tuple[str, str]:
    """The user's id and the secret of a token as it was handed over; raises OneTimeTokenInvalid."""
    user_id, _, secret = token.rpartition(".")
    if not user_id or not secret:
        raise OneTimeTokenInvalid
    return user_id, secret
