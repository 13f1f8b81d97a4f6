"""Access tokens: only ours, only now, only by the one algorithm."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.config import Config, ConfigurationError, config
from shared.domain.access.principal import Principal, Role
from shared.domain.access.session import ACCESS_TOKEN_LIFETIME
from shared.domain.errors import Unauthenticated
from shared.http.tokens import issue_access_token, verify_access_token
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

MINUTE = dt.timedelta(minutes=1)
CALLER = Principal("user", "client", Role.CEO, session_generation=3, session_id="laptop")


@pytest.fixture(scope="module")
def keys(running: object) -> Config:
    return config()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def forged(keys: Config, *, algorithm: str = "HS256", key: Any = None, kid: Any = None, **claims: Any) -> str:
    """A token like ours but for what is given; a claim of None is left out."""
    key_id, secret = next(iter(keys.jwt_keys.items()))
    given = {
        "iss": "stockcast",
        "aud": "stockcast-api",
        "sub": "user",
        "client_id": "client",
        "role": "ADMIN",
        "platform": False,
        "gen": 0,
        "iat": now(),
        "exp": now() + MINUTE,
    } | claims
    kept = {name: value for name, value in given.items() if value is not None}
    headers = {"kid": key_id} if kid is None else {"kid": kid} if kid else {}
    return jwt.encode(kept, key if key is not None else secret, algorithm=algorithm, headers=headers)


def _unsigned(keys: Config) -> str:
    return forged(keys, algorithm="none", key="")


def _tampered(keys: Config) -> str:
    header, claims, signature = forged(keys).split(".")
    data = json.loads(base64.urlsafe_b64decode(claims + "=="))
    changed = base64.urlsafe_b64encode(json.dumps(data | {"client_id": "other"}).encode()).decode().rstrip("=")
    return ".".join((header, changed, signature))


def _signature_cut_off(keys: Config) -> str:
    return forged(keys).rpartition(".")[0] + "."


def _asymmetric(keys: Config) -> str:
    return forged(keys, algorithm="RS256", key=rsa.generate_private_key(public_exponent=65537, key_size=2048))


_REFUSED: dict[str, Callable[[Config], str]] = {
    "unsigned": _unsigned,
    "tampered": _tampered,
    "signature cut off": _signature_cut_off,
    "HS512": lambda keys: forged(keys, algorithm="HS512"),
    "HS384": lambda keys: forged(keys, algorithm="HS384"),
    "RS256": _asymmetric,
    "another secret": lambda keys: forged(keys, key="another secret of at least 32 characters"),
    "unknown key": lambda keys: forged(keys, kid="nobody's"),
    "no key id": lambda keys: forged(keys, kid=""),
    "another issuer": lambda keys: forged(keys, iss="https://accounts.google.com"),
    "another audience": lambda keys: forged(keys, aud="elsewhere"),
    "no audience": lambda keys: forged(keys, aud=None),
    "no expiry": lambda keys: forged(keys, exp=None),
    "no client": lambda keys: forged(keys, client_id=None),
    "no role": lambda keys: forged(keys, role=None),
    "a generation in words": lambda keys: forged(keys, gen="first"),
    "a session in figures": lambda keys: forged(keys, sid=7),
    "a machine of the platform": lambda keys: forged(keys, role="SERVICE", platform=True),
    "unknown role": lambda keys: forged(keys, role="ROOT"),
    "from the future": lambda keys: forged(keys, iat=now() + 10 * MINUTE),
    "garbage": lambda keys: "garbage",
    "three dots": lambda keys: "..",
    "binary": lambda keys: "\xff.\xfe.\xfd",
}


@pytest.mark.parametrize("kind", _REFUSED)
def test_what_we_did_not_issue_is_refused(keys: Config, client: TestClient, kind: str) -> None:
    token = _REFUSED[kind](keys)
    with pytest.raises(Unauthenticated, match="token_invalid"):
        verify_access_token(keys, token)
    response = requests.get(
        f"{client.base_url}/products", headers={"Authorization": f"Bearer {token}".encode("latin-1")}, timeout=10
    )
    assert_problem(response, 401, "token_invalid")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_says_so(keys: Config, client: TestClient) -> None:
    token = issue_access_token(keys, CALLER, now() - ACCESS_TOKEN_LIFETIME - MINUTE)
    response = client.get("/products", headers={"Authorization": f"Bearer {token}"})
    problem = assert_problem(response, 401, "token_expired")
    assert "/auth/refresh" in problem["detail"]


def test_a_token_that_was_seen_before_expires_all_the_same(keys: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    token = issue_access_token(keys, CALLER, now())
    assert verify_access_token(keys, token) == verify_access_token(keys, token) == CALLER
    later = (now() + ACCESS_TOKEN_LIFETIME + MINUTE).timestamp()
    monkeypatch.setattr("shared.http.tokens.time.time", lambda: later)
    with pytest.raises(Unauthenticated, match="token_expired"):
        verify_access_token(keys, token)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "bearer", "Token abc"])
def test_without_a_bearer_token_one_is_asked_for(client: TestClient, header: str) -> None:
    response = client.get("/products", headers={"Authorization": header})
    assert_problem(response, 401, "token_missing")


def test_a_token_names_its_caller(keys: Config) -> None:
    for caller in (CALLER, replace(CALLER, platform=True), replace(CALLER, role=Role.SERVICE)):
        assert verify_access_token(keys, issue_access_token(keys, caller, now())) == caller


def test_a_machine_is_never_the_platforms() -> None:
    with pytest.raises(ValueError, match="SERVICE"):
        replace(CALLER, role=Role.SERVICE, platform=True)


def test_a_key_is_rotated_by_putting_a_new_one_in_front(keys: Config) -> None:
    old, new = "o" * 32, "n" * 32
    before = replace(keys, jwt_keys={"old": old})
    during = replace(keys, jwt_keys={"new": new, "old": old})
    after = replace(keys, jwt_keys={"new": new})
    token = issue_access_token(before, CALLER, now())
    assert verify_access_token(during, token) == CALLER
    assert jwt.get_unverified_header(issue_access_token(during, CALLER, now()))["kid"] == "new"
    with pytest.raises(Unauthenticated):
        verify_access_token(after, token)


def test_a_process_without_keys_says_what_it_lacks(keys: Config) -> None:
    without = replace(keys, jwt_keys={})
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWT_KEYS"):
        issue_access_token(without, CALLER, now())
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWT_KEYS"):
        verify_access_token(without, issue_access_token(keys, CALLER, now()))
