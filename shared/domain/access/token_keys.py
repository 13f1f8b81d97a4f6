"""The keys of access tokens as they are configured: secrets, private keys, and a set of public ones (RFC 7517).

Read without any cryptography, which checks a key where it is first used. A key has one algorithm, which its kind gives
it: what a token says of its own algorithm is only compared with that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

Algorithm = Literal["HS256", "ES256", "RS256"]
SIGNING_ALGORITHM: Algorithm = "ES256"
MIN_SECRET_LENGTH = 32
MIN_RSA_BITS = 2048
_BITS_OF_A_DIGIT = 6  # base64
_PEPPER_ID = re.compile(r"[A-Za-z0-9_-]+")
# What only a private or a symmetric key has (RFC 7518, 6.2.2, 6.3.2, 6.4).
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class KeysInvalid(ValueError):
    """A setting holds no usable keys; the message goes on from the name of the setting."""


@dataclass(frozen=True)
class VerificationKey:
    """A key that access tokens are verified with, by the one algorithm that it is for.

    `material` is the secret, or the public key as a JSON Web Key.
    """

    key_id: str
    algorithm: Algorithm
    material: str = field(repr=False)


def secrets_by_id(text: str) -> dict[str, str]:
    """Key id -> secret, in the order that they are given in."""
    secrets = _json(text)
    if not _is_object(secrets) or not all(
        isinstance(secret, str) and len(secret) >= MIN_SECRET_LENGTH for secret in secrets.values()
    ):
        raise KeysInvalid(
            f'must be a JSON object {{"key id": "secret of at least {MIN_SECRET_LENGTH} characters"}}, with one or more'
        )
    return secrets


def peppers_by_id(text: str) -> dict[str, str]:
    """As `secrets_by_id`; an id stands in front of each hash that is made with its pepper."""
    peppers = secrets_by_id(text)
    if not all(_PEPPER_ID.fullmatch(pepper_id) for pepper_id in peppers):
        raise KeysInvalid("has an id with other characters than letters, digits, - and _")
    return peppers


def private_keys(text: str) -> dict[str, str]:
    """Key id -> private key, as PEM or as a JSON Web Key, in the order that they are given in."""
    keys = _json(text)
    if not _is_object(keys) or not all(_is_private(key) for key in keys.values()):
        raise KeysInvalid(
            'must be a JSON object {"key id": private key}, with one or more; a key is PEM or a JSON Web Key, of the '
            "curve P-256 (`python -m infra.jwt_keys add` makes one)"
        )
    return {key_id: key if isinstance(key, str) else json.dumps(key) for key_id, key in keys.items()}


def key_set(text: str) -> tuple[VerificationKey, ...]:
    """The keys of a JSON Web Key Set, which must all be public; one without any key is none."""
    parsed = _json(text)
    keys = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise KeysInvalid('must be a JSON Web Key Set: {"keys": [{"kid": "...", "kty": "EC", ...}]}')
    public = tuple(_public(key) for key in keys)
    if len({key.key_id for key in public}) < len(public):
        raise KeysInvalid("has two keys of one kid")
    return public


def _public(key: Mapping[str, Any]) -> VerificationKey:
    key_id = key.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise KeysInvalid("has a key without a kid")
    if not _PRIVATE_MEMBERS.isdisjoint(key):
        raise KeysInvalid(f"must hold public keys only, and {key_id!r} is none")
    algorithm = _algorithm(key)
    if algorithm is None or key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        raise KeysInvalid(
            f"must hold keys that verify ES256 (kty EC, crv P-256) or RS256 (kty RSA, {MIN_RSA_BITS} bits or more); "
            f"{key_id!r} is none of them"
        )
    return VerificationKey(key_id, algorithm, json.dumps(key, sort_keys=True))


def _algorithm(key: Mapping[str, Any]) -> Algorithm | None:
    match key:
        case {"kty": "EC", "crv": "P-256", "x": str(), "y": str()}:
            return "ES256"
        case {"kty": "RSA", "n": str(modulus), "e": str()} if len(modulus) * _BITS_OF_A_DIGIT >= MIN_RSA_BITS:
            return "RS256"
    return None


def _is_private(key: object) -> bool:
    if isinstance(key, str):
        return "PRIVATE KEY-----" in key
    return isinstance(key, dict) and key.get("kty") == "EC" and isinstance(key.get("d"), str)


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and bool(value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
