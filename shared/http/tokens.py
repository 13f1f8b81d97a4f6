"""Access tokens: signed by the auth function, verified by every function.

ES256: auth alone has private keys, all others verify with the public keys that /auth/jwks publishes. HS256, from one
ring of secrets, is for what is one process anyway: the local stack, a small deployment. A token names its key, and the
key has one algorithm; docs/security.md says what each function holds, infra/README.md how keys are changed.
"""

from __future__ import annotations

import datetime as dt
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jwt

from shared.config import Config, ConfigurationError
from shared.domain.access.principal import Principal, Role
from shared.domain.access.session import ACCESS_TOKEN_LIFETIME
from shared.domain.access.token_keys import SIGNING_ALGORITHM, VerificationKey
from shared.http.refusals import TokenExpired, TokenInvalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_ISSUER = "stockcast"
_AUDIENCE = "stockcast-api"
_KEPT_TOKENS = 1024
CLOCK_SKEW_S = 5  # that the clocks of who signs and who verifies may differ by, either way


def issue_access_token(
    config: Config, principal: Principal, now: dt.datetime, lifetime: dt.timedelta = ACCESS_TOKEN_LIFETIME
) -> str:
    """A signed token that says who the caller is until `now + lifetime`."""
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": principal.user_id,
        "client_id": principal.client_id,
        "role": principal.role.value,
        "platform": principal.platform,
        "gen": principal.session_generation,
        "sid": principal.session_id,
        "iat": now,
        "exp": now + lifetime,
    }
    if not config.jwt_signing_keys:
        key = next((key for key in config.verification_keys if key.algorithm == "HS256"), None)
        if key is None:
            raise ConfigurationError("set STOCKCAST_JWT_SIGNING_KEYS: this process signs access tokens")
        return jwt.encode(claims, key.material, algorithm=key.algorithm, headers={"kid": key.key_id})
    key_id, private = next(iter(config.jwt_signing_keys.items()))
    published = next((key for key in config.public_keys if key.key_id == key_id), None)
    signing_key = _signing_key(private, published)
    return jwt.encode(claims, signing_key, algorithm=SIGNING_ALGORITHM, headers={"kid": key_id})


def verify_access_token(config: Config, token: str) -> Principal:
    """The caller that a token names; raises Unauthenticated saying why it is not accepted."""
    try:
        caller, expires = _signed(token, config.verification_keys)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        raise TokenInvalid("the access token is not valid; get one at /auth/token") from None
    if expires + CLOCK_SKEW_S <= time.time():
        raise TokenExpired("the access token has expired; get another at /auth/refresh")
    return caller


def token_expiry(config: Config, token: str) -> dt.datetime:
    """When a token that was verified expires, UTC."""
    _, expires = _signed(token, config.verification_keys)
    return dt.datetime.fromtimestamp(expires, dt.UTC)


def private_key(text: str) -> EllipticCurvePrivateKey:
    """A private key of the curve P-256, from PEM or a JSON Web Key; raises ConfigurationError for any other text."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

    try:
        if text.startswith("{"):
            key = jwt.PyJWK.from_json(text, SIGNING_ALGORITHM).key
        else:
            key = jwt.get_algorithm_by_name(SIGNING_ALGORITHM).prepare_key(text)
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise ConfigurationError(f"STOCKCAST_JWT_SIGNING_KEYS: a key cannot be read: {error}") from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ConfigurationError("STOCKCAST_JWT_SIGNING_KEYS: a key is no private key of the curve P-256")
    return key


@lru_cache(maxsize=_KEPT_TOKENS)
def _signed(token: str, keys: tuple[VerificationKey, ...]) -> tuple[Principal, int]:
    """Whom a token names, and when it expires. Kept, because a caller sends the same one with every request."""
    key_id = jwt.get_unverified_header(token).get("kid", "")
    key = next((key for key in keys if key.key_id == key_id), None)
    if key is None:
        raise TokenInvalid("the token was signed with a key this service does not know")
    claims = jwt.decode(
        token,
        _verifying_key(key),
        algorithms=[key.algorithm],
        audience=_AUDIENCE,
        issuer=_ISSUER,
        leeway=CLOCK_SKEW_S,
        options={"require": ["exp", "iat", "sub", "client_id", "role"], "verify_exp": False},
    )
    client_id = claims["client_id"]
    if not isinstance(client_id, str):
        raise TokenInvalid("the token names no client")
    generation = claims.get("gen", 0)  # none in a token that was made before there were any
    if not isinstance(generation, int):
        raise TokenInvalid("the token names no generation of sessions")
    session_id = claims.get("sid", "")  # none in a token that was made before it was said
    if not isinstance(session_id, str):
        raise TokenInvalid("the token names no session")
    caller = Principal(
        user_id=claims["sub"],
        client_id=client_id,
        role=Role(claims["role"]),
        platform=claims.get("platform") is True,
        session_generation=generation,
        session_id=session_id,
    )
    return caller, int(claims["exp"])


@lru_cache
def _verifying_key(key: VerificationKey) -> Any:
    """The key as the library takes it."""
    if key.algorithm == "HS256":
        return key.material
    try:
        return jwt.PyJWK.from_json(key.material, key.algorithm).key
    except jwt.PyJWTError as error:
        raise ConfigurationError(f"STOCKCAST_JWKS: the key {key.key_id!r} is none: {error}") from error


@lru_cache
def _signing_key(private: str, published: VerificationKey | None) -> EllipticCurvePrivateKey:
    """The private key as the library takes it; raises ConfigurationError unless its public key is the published one."""
    key = private_key(private)
    if published is None or _verifying_key(published) != key.public_key():
        raise ConfigurationError("STOCKCAST_JWKS: the public key of the key that signs is another one")
    return key
