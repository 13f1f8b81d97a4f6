"""Access tokens under public keys: a key has one algorithm, whatever a token says."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.jwt_keys import with_another, with_the_first_alone, with_the_last_in_front
from shared.config import ConfigurationError
from shared.domain.access.principal import Principal, Role
from shared.domain.access.token_keys import VerificationKey
from shared.domain.errors import Unauthenticated
from shared.http.tokens import CLOCK_SKEW_S, issue_access_token, private_key, verify_access_token
from tests.support.token_keys import BARE, RING, signing, verifying

CALLER = Principal("user", "client", Role.CEO)
MINUTE = dt.timedelta(minutes=1)
SECRET = "s" * 32
(KEY_ID,) = RING
_OURS = private_key(RING[KEY_ID])
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_RSA_JWK = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_RSA.public_key())) | {"kid": "rsa"}
# All kinds of keys at once: the one that signs, one of RSA that an operator brought, and a secret.
MIXED = replace(
    verifying(RING),
    jwt_keys={"secret": SECRET},
    public_keys=(*verifying(RING).public_keys, VerificationKey("rsa", "RS256", json.dumps(_RSA_JWK))),
)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def forged(*, key: Any = _OURS, algorithm: str = "ES256", kid: str | None = KEY_ID, **claims: Any) -> str:
    """A token like ours but for what is given; a claim of None is left out."""
    fields = {
        "iss": "stockcast",
        "aud": "stockcast-api",
        "sub": "user",
        "client_id": "client",
        "role": "CEO",
        "iat": now(),
        "exp": now() + MINUTE,
    } | claims
    kept = {name: value for name, value in fields.items() if value is not None}
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(kept, key, algorithm=algorithm, headers=headers)


def _keyed_by_the_public_key(encoding: bytes, kid: object = KEY_ID) -> str:
    """HS256 with what everybody knows as its secret; by hand, because the library refuses to make it."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode()]
    parts.append(base64.urlsafe_b64decode(forged().split(".")[1] + "=="))
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(encoding, message, "sha256")).rstrip(b"=")
    return (message + b"." + signature).decode()


def _pem(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


_ATTACKS: dict[str, Callable[[], str]] = {
    "alg none": lambda: forged(algorithm="none", key=""),
    "the public key as a secret, PEM": lambda: _keyed_by_the_public_key(_pem(_OURS)),
    "the public key as a secret, JWK": lambda: _keyed_by_the_public_key(MIXED.public_keys[0].material.encode()),
    "the RSA public key as a secret": lambda: _keyed_by_the_public_key(_pem(_RSA), kid="rsa"),
    "the secret under a public key's id": lambda: _keyed_by_the_public_key(SECRET.encode()),
    "RS256 under the id of ES256": lambda: forged(key=_RSA, algorithm="RS256"),
    "ES256 under the id of RS256": lambda: forged(kid="rsa"),
    "ES256 under the id of a secret": lambda: forged(kid="secret"),
    "PS256 with the key of RS256": lambda: forged(key=_RSA, algorithm="PS256", kid="rsa"),
    "HS512 with the secret": lambda: forged(key=SECRET * 2, algorithm="HS512", kid="secret"),
    "an unknown key": lambda: forged(kid="nobody's"),
    "no key id": lambda: forged(kid=None),
    "a number as key id": lambda: _keyed_by_the_public_key(SECRET.encode(), kid=1),
    "a list as key id": lambda: _keyed_by_the_public_key(SECRET.encode(), kid=["secret"]),
    "another key of the curve": lambda: forged(key=private_key(next(iter(with_another({}).values())))),
    "another issuer": lambda: forged(iss="https://accounts.google.com"),
    "another audience": lambda: forged(aud="elsewhere"),
    "no issuer": lambda: forged(iss=None),
    "no audience": lambda: forged(aud=None),
    "no end": lambda: forged(exp=None),
    "no beginning": lambda: forged(iat=None),
    "no user": lambda: forged(sub=None),
    "no client": lambda: forged(client_id=None),
    "no role": lambda: forged(role=None),
    "clients in a list": lambda: forged(client_id=["client", "other"]),
    "roles in a list": lambda: forged(role=["ADMIN"]),
    "an end without end": lambda: forged(exp=float("inf")),
    "an end in words": lambda: forged(exp="never"),
    "not yet": lambda: forged(nbf=now() + MINUTE),
    "from the future": lambda: forged(iat=now() + MINUTE),
    "a signature of DER": lambda: forged().rpartition(".")[0] + ".MEUCIQ",
}


@pytest.mark.parametrize("attack", _ATTACKS)
def test_an_attack_is_refused(attack: str) -> None:
    with pytest.raises(Unauthenticated, match="token_invalid"):
        verify_access_token(MIXED, _ATTACKS[attack]())


def test_each_kind_of_key_verifies_what_it_signed() -> None:
    for key, algorithm, kid in ((_OURS, "ES256", KEY_ID), (_RSA, "RS256", "rsa"), (SECRET, "HS256", "secret")):
        assert verify_access_token(MIXED, forged(key=key, algorithm=algorithm, kid=kid)) == CALLER


def test_a_word_for_the_platform_is_no_yes() -> None:
    assert not verify_access_token(MIXED, forged(platform="no")).platform


def test_the_private_key_signs_and_who_has_the_public_one_cannot() -> None:
    token = issue_access_token(replace(signing(RING), jwt_keys={"secret": SECRET}), CALLER, now())
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"}
    assert verify_access_token(verifying(RING), token) == CALLER
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWT_SIGNING_KEYS"):
        issue_access_token(verifying(RING), CALLER, now())


def test_a_key_is_changed_in_three_steps_and_no_token_is_refused() -> None:
    both = with_another(RING)
    turned = with_the_last_in_front(both)
    steps = [signing(RING), signing(RING, both), signing(turned, both), signing(with_the_first_alone(turned))]
    tokens = [issue_access_token(step, CALLER, now()) for step in steps]
    for number, step in enumerate(steps):
        # While a step is rolled out, old and new instances answer; tokens of the step before live for 15 minutes.
        for token in tokens[max(0, number - 1) : number + 2]:
            assert verify_access_token(step, token) == CALLER
    with pytest.raises(Unauthenticated):
        verify_access_token(steps[-1], tokens[0])


def test_clocks_may_differ_by_a_few_seconds() -> None:
    skew = dt.timedelta(seconds=CLOCK_SKEW_S - 2)
    for token in (forged(iat=now() + skew), forged(nbf=now() + skew), forged(exp=now() - skew)):
        assert verify_access_token(MIXED, token) == CALLER
    with pytest.raises(Unauthenticated, match="token_expired"):
        verify_access_token(MIXED, forged(exp=now() - dt.timedelta(seconds=CLOCK_SKEW_S + 1)))


def test_a_key_that_others_could_not_verify_signs_nothing() -> None:
    other = {KEY_ID: next(iter(with_another({}).values()))}
    with pytest.raises(ConfigurationError, match="another one"):
        issue_access_token(signing(other, RING), CALLER, now())
    for text in ("-----BEGIN PRIVATE KEY-----\nx", '{"kty": "EC", "crv": "P-384", "d": "x"}'):
        with pytest.raises(ConfigurationError, match="STOCKCAST_JWT_SIGNING_KEYS"):
            issue_access_token(signing({KEY_ID: text}, RING), CALLER, now())
    broken = replace(BARE, public_keys=(VerificationKey(KEY_ID, "ES256", '{"kty": "EC"}'),))
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWKS"):
        verify_access_token(broken, forged())
