"""Keys as they are configured: what cannot be used, or must not be there, is refused with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.domain.access.token_keys import KeysInvalid, VerificationKey, key_set, private_keys, secrets_by_id

EC = {"kid": "e", "kty": "EC", "crv": "P-256", "x": "x" * 43, "y": "y" * 43}
RSA = {"kid": "r", "kty": "RSA", "n": "n" * 342, "e": "AQAB"}


def _set(*keys: Any) -> str:
    return json.dumps({"keys": keys})


def test_a_key_has_the_algorithm_of_its_kind() -> None:
    elliptic, of_rsa = key_set(_set(EC, RSA))
    assert (elliptic.key_id, elliptic.algorithm) == ("e", "ES256")
    assert (of_rsa.key_id, of_rsa.algorithm) == ("r", "RS256")
    assert json.loads(elliptic.material) == EC
    assert key_set(_set()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "{}",
        _set("text"),
        _set(EC, EC),
        _set({**EC, "kid": ""}),
        _set({**EC, "kid": 1}),
        _set({**EC, "d": "private"}),
        _set({**RSA, "p": "private"}),
        _set({"kid": "s", "kty": "oct", "k": "s" * 43}),
        _set({**EC, "crv": "P-384"}),
        _set({**EC, "alg": "HS256"}),
        _set({**EC, "alg": "RS256"}),
        _set({**RSA, "alg": "PS256"}),
        _set({**EC, "use": "enc"}),
        _set({**RSA, "n": "n" * 171}),
        _set({**EC, "x": 1}),
        _set({"kid": "e", "kty": "OKP", "crv": "Ed25519", "x": "x"}),
    ],
)
def test_a_set_with_what_must_not_verify_is_refused(text: str) -> None:
    with pytest.raises(KeysInvalid):
        key_set(text)


def test_rings_keep_their_order() -> None:
    assert list(secrets_by_id(json.dumps({"b": "s" * 32, "a": "t" * 32}))) == ["b", "a"]
    pem = "-----BEGIN PRIVATE KEY-----\n..."
    assert private_keys(json.dumps({"b": pem, "a": {**EC, "d": "d"}})) == {"b": pem, "a": json.dumps({**EC, "d": "d"})}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": null}', '{"a": "text"}', json.dumps({"a": EC})])
def test_a_ring_of_what_cannot_sign_is_refused(text: str) -> None:
    with pytest.raises(KeysInvalid, match=r"infra\.jwt_keys"):
        private_keys(text)


def test_no_key_is_shown() -> None:
    assert "secret" not in repr(VerificationKey("k", "HS256", "secret"))
