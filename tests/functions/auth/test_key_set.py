"""The public keys that /auth/jwks publishes, and sessions where nothing but them verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jwt
import pytest

from shared.config import config
from tests.support.tenants import TestClient
from tests.support.token_keys import RING, key_set_text
from tests.support.users import PASSWORD, SignedUp

(KEY_ID,) = RING


@pytest.fixture
def only_public_keys(user: SignedUp, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The whole API without a secret that signs."""
    monkeypatch.setenv("STOCKCAST_JWT_SIGNING_KEYS", json.dumps(RING))
    monkeypatch.setenv("STOCKCAST_JWKS", key_set_text(RING))
    monkeypatch.setenv("STOCKCAST_DERIVATION_KEYS", json.dumps({"d": "d" * 32}))
    monkeypatch.delenv("STOCKCAST_JWT_KEYS")
    config.cache_clear()
    yield
    monkeypatch.undo()
    config.cache_clear()


def test_a_session_lives_without_any_secret_but_auths_own(only_public_keys: None, user: SignedUp) -> None:
    pair = user.sign_in(password=PASSWORD).json()
    assert user.get("/products", pair["access_token"]).status_code in (200, 404)
    following, again = (user.refresh(pair["refresh_token"]).json() for _ in range(2))
    assert again["refresh_token"] == following["refresh_token"]
    published = user.client.get("/auth/jwks", headers={})
    assert published.json() == json.loads(key_set_text(RING))
    assert published.headers["Cache-Control"] == "public, max-age=300"
    key = jwt.PyJWKSet.from_dict(published.json())[KEY_ID]
    claims, repeated = (
        jwt.decode(pair["access_token"], key, algorithms=["ES256"], audience="stockcast-api")
        for pair in (following, again)
    )
    assert claims == repeated  # under another signature: one of ES256 is random
    assert claims["sub"] == user.user.user_id


def test_where_a_secret_signs_no_key_is_published(client: TestClient) -> None:
    assert client.get("/auth/jwks", headers={}).json() == {"keys": []}
