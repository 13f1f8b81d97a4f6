"""Keys of machines, which present them in place of an access token."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from shared.domain.access.principal import Principal, Role
from shared.domain.access.session import derived_secret, secret_fits, secret_hash
from shared.domain.errors import Conflict, InvalidField, NotFound

KEY_PREFIX = "sk_"
ROLES_OF_KEYS = (Role.SERVICE, Role.VIEWER)  # a machine changes no users, settings or orders
MOST_KEYS = 100  # of a client
LONGEST_LIFETIME = dt.timedelta(days=731)
USUAL_LIFETIME = dt.timedelta(days=365)
# A key that is used all day is written so often, not with every request.
_USE_IS_NEWS_AFTER = dt.timedelta(minutes=10)
_KEY = re.compile(r"sk_([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


class ServiceTokenNotFound(NotFound):
    """The client has no such service token."""

    code = "service_token_not_found"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"no service token {token_id!r}")


class TooManyServiceTokens(Conflict):
    """The client has as many service tokens as it may have."""

    code = "too_many_service_tokens"

    def __init__(self) -> None:
        super().__init__(f"the client has {MOST_KEYS} service tokens, as many as it may; delete one first")


class InvalidExpiry(InvalidField):
    """A service token would end in the past, or later than is allowed."""

    code = "invalid_expiry"

    def __init__(self, expires_at: dt.datetime, now: dt.datetime) -> None:
        latest = now + LONGEST_LIFETIME
        detail = f"{expires_at.isoformat()} is not between now and {latest.isoformat(timespec='seconds')}"
        super().__init__("/expires_at", detail)


class SecretGone(Conflict):
    """The request is answered for the second time, and the secret that it made cannot be shown again."""

    code = "secret_gone"

    def __init__(self) -> None:
        super().__init__("the secret was shown once and cannot be made again; delete what it opens and ask for another")


@dataclass(frozen=True)
class ServiceToken:
    """A key as it is stored: its secret only as a hash. `nonce` goes into the secret."""

    id: str
    client_id: str
    name: str
    role: Role
    secret_hash: str
    nonce: str
    expires_at: dt.datetime
    created_by: str
    last_used_at: dt.datetime | None = None

    @property
    def principal(self) -> Principal:
        """The caller who presents it."""
        return Principal(f"{KEY_PREFIX}{self.id}", self.client_id, self.role, machine=True)

    def opens(self, secret: str) -> bool:
        return secret_fits(secret, self.secret_hash)

    def use_is_news(self, now: dt.datetime) -> bool:
        """Whether a use now is to be written down."""
        return self.last_used_at is None or now - self.last_used_at >= _USE_IS_NEWS_AFTER

    def sealed(self, secret: str) -> ServiceToken:
        """The token with this secret."""
        return replace(self, secret_hash=secret_hash(secret))


@dataclass(frozen=True)
class ServiceKey:
    """A key as it is presented."""

    client_id: str
    token_id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> ServiceKey | None:
        """The key that a text spells; None for what cannot be one, which so costs no read."""
        match = _KEY.fullmatch(text)
        return None if match is None else cls(*match.groups())

    def __str__(self) -> str:
        return f"{KEY_PREFIX}{self.client_id}.{self.token_id}.{self.secret}"


def expiry(expires_at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When a token ends that is made now, UTC; raises InvalidExpiry."""
    if expires_at is None:
        return now + USUAL_LIFETIME
    if not now < expires_at <= now + LONGEST_LIFETIME:
        raise InvalidExpiry(expires_at, now)
    return expires_at.astimezone(dt.UTC)


def service_secret(key: str, token: ServiceToken) -> str:
    """The secret of a token; `key` is the service's own."""
    return derived_secret(key, "service token", token.client_id, token.id, token.nonce)
