"""Where a load balancer serves the API, a path from outside has one spelling, and nothing internal."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from functions.auth.endpoints import app as auth
from functions.etl.endpoints import app as etl
from functions.products.endpoints import app as products
from shared.config import config
from shared.http.paths import is_spelled_out
from tests.support.bare_config import configure

HOST = "api.example.com"
OWN = "auth-123.europe-west1.run.app"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    configure(
        monkeypatch,
        STOCKCAST_API_HOST=HOST,
        STOCKCAST_FUNCTION_URL="https://{function}-123.europe-west1.run.app",
    )
    yield
    config.cache_clear()


def _status(client: FlaskClient, method: str, path: str, host: str = HOST) -> int:
    """Nothing is decoded or tidied up on the way."""
    environ = {"RAW_URI": path, "REQUEST_URI": path}
    response = client.open("/", method=method, headers={"Host": host}, environ_overrides=environ, json={})
    if response.status_code == 404:
        problem = json.loads(response.data)
        assert (problem["code"], response.content_type) == ("route_not_found", "application/problem+json")
    return response.status_code


_SIGN_IN = "/api/v1/auth/token"
_OTHER_SPELLINGS = [
    "/token",
    "/auth/token",
    "//api/v1/auth/token",
    "/api/v1//auth/token",
    "/api/v1/auth//token",
    "/api/v1/auth/token/",
    "/api/v1/%61uth/token",
    "/api/v1/auth/%74oken",
    "/api/v1/auth/toke%6E",
    "/api/%761/auth/token",
    "/api/v1/token",
    "/api/v1/api/v1/auth/token",
    "/api/v1/./auth/token",
    "/api/v1/products/../auth/token",
    "/API/V1/auth/token",
    "/api/v1/AUTH/token",
    "/api/v1/auth;x/token",
    "/api/v1/auth%2Ftoken",
]


@pytest.mark.parametrize("path", _OTHER_SPELLINGS)
def test_sign_in_has_one_address_from_outside(outside: None, path: str) -> None:
    client = auth.test_client()
    assert _status(client, "POST", path) == 404
    assert _status(client, "POST", path, "elsewhere.example") == 404
    assert _status(client, "POST", path, f"{HOST}:443") == 404
    assert _status(client, "OPTIONS", path) == 404


def test_sign_in_is_reached_by_its_one_address(outside: None) -> None:
    client = auth.test_client()
    assert _status(client, "POST", _SIGN_IN) == 422  # an empty body
    assert _status(client, "POST", f"{_SIGN_IN}?client_id=x") == 422
    assert _status(client, "POST", f"https://{HOST}{_SIGN_IN}") == 422


def test_a_functions_own_address_takes_the_short_form(outside: None) -> None:
    for path in ("/token", "/auth/token", _SIGN_IN):
        assert _status(auth.test_client(), "POST", path, OWN) == 422


@pytest.mark.parametrize(
    "path",
    ["/internal/daily", "/etl/internal/daily", "/api/v1/etl/internal/daily", "/api/v1/etl/%69nternal/daily"],
)
def test_nothing_internal_is_reached_from_outside(outside: None, path: str) -> None:
    client = etl.test_client()
    for method in ("POST", "GET", "OPTIONS"):
        assert _status(client, method, path) == 404
    assert _status(client, "POST", path, "etl-123.europe-west1.run.app") == 401  # without a task's token


def test_an_item_may_be_called_internal_and_be_encoded_as_one_likes(outside: None) -> None:
    client = products.test_client()
    for item in ("internal", "%69nternal", "a%2Fb", "%2E%2E", "%61"):
        assert _status(client, "GET", f"/api/v1/products/{item}") == 401
        assert _status(client, "GET", f"/api/v1/products/{item}/metrics") == 401
        assert _status(client, "GET", f"/api/v1/products/{item}/%6Detrics") == 404


@pytest.mark.parametrize("path", ["/health", "/api/v1/health", "/api/v1/openapi.json"])
def test_health_and_document_are_reached(outside: None, path: str) -> None:
    assert auth.test_client().get(path, headers={"Host": HOST}).status_code == 200


@given(st.text(st.characters(exclude_characters="/", codec="ascii"), min_size=1, max_size=20))
def test_only_what_a_rule_leaves_open_may_vary(text: str) -> None:
    assert is_spelled_out(f"/api/v1/products/{text}/metrics", "/products/<item_id:item_id>/metrics")
    fixed = is_spelled_out(f"/api/v1/products/x/{text}", "/products/<item_id:item_id>/metrics")
    assert fixed == (text == "metrics")
    assert not is_spelled_out(f"/api/v1/products/{text}/", "/products/<item_id:item_id>")
