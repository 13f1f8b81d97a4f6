"""Access tokens: signed by the auth function, verified by every function, from the same key ring.

HS256 with a key id: all functions belong to one trust domain, and verifying needs no asymmetric cryptography at cold
start. The first key of the ring signs, all of them verify, so a key is rotated by putting a new one in front.
"""

from __future__ import annotations

import datetime as dt
import time
from functools import lru_cache

import jwt

from shared.config import Config
from shared.domain.access.principal import Principal, Role
from shared.http.refusals import TokenExpired, TokenInvalid

_ALGORITHM = "HS256"
_ISSUER = "stockcast"
_AUDIENCE = "stockcast-api"
_KEPT_TOKENS = 1024
ACCESS_TOKEN_LIFETIME = dt.timedelta(minutes=15)


def issue_access_token(
    config: Config, principal: Principal, now: dt.datetime, lifetime: dt.timedelta = ACCESS_TOKEN_LIFETIME
) -> str:
    """A signed token that says who the caller is until `now + lifetime`."""
    key_id, secret = next(iter(config.signing_keys.items()))
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": principal.user_id,
        "client_id": principal.client_id,
        "role": principal.role.value,
        "platform": principal.platform,
        "iat": now,
        "exp": now + lifetime,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM, headers={"kid": key_id})


def verify_access_token(config: Config, token: str) -> Principal:
    """The caller that a token names; raises Unauthenticated saying why it is not accepted."""
    try:
        caller, expires = _signed(token, tuple(config.signing_keys.items()))
    except (jwt.InvalidTokenError, ValueError):
        raise TokenInvalid("the access token is not valid; get one at /auth/token") from None
    if expires <= time.time():
        raise TokenExpired("the access token has expired; get another at /auth/refresh")
    return caller


@lru_cache(maxsize=_KEPT_TOKENS)
def _signed(token: str, keys: tuple[tuple[str, str], ...]) -> tuple[Principal, int]:
    """Whom a token names, and when it expires. Kept, because a caller sends the same one with every request."""
    secret = dict(keys).get(jwt.get_unverified_header(token).get("kid", ""))
    if secret is None:
        raise TokenInvalid("the token was signed with a key this service does not know")
    claims = jwt.decode(
        token,
        secret,
        algorithms=[_ALGORITHM],
        audience=_AUDIENCE,
        issuer=_ISSUER,
        options={"require": ["exp", "iat", "sub", "client_id", "role"], "verify_exp": False},
    )
    caller = Principal(claims["sub"], claims["client_id"], Role(claims["role"]), bool(claims.get("platform")))
    return caller, int(claims["exp"])
