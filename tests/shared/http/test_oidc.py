"""Internal endpoints take the task service account's token for their own function, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jwt
import pytest

from infra.local.emulators.oidc import TokenIssuer
from shared.config import Config, config
from shared.domain.errors import Forbidden, StockcastError, Unauthenticated
from shared.http.oidc import verify_task_token
from tests.support.problems import assert_problem
from tests.support.tenants import TestClient

AUDIENCE = "https://inventory.example"


@pytest.fixture
def issuer(running: object, monkeypatch: pytest.MonkeyPatch) -> TokenIssuer:
    """A token service whose keys the verifier knows."""
    made = TokenIssuer(config().oidc_issuer)
    keys = jwt.PyJWKClient("http://127.0.0.1:9/certs")
    monkeypatch.setattr(keys, "fetch_data", made.jwks)
    monkeypatch.setattr("shared.http.oidc._keys", lambda _: keys)
    return made


def test_the_task_account_gets_in(issuer: TokenIssuer) -> None:
    verify_task_token(config(), issuer.token(config().task_service_account, AUDIENCE), AUDIENCE)


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (lambda issuer, config: issuer.token(config.task_service_account, "https://etl.example"), Unauthenticated),
        (lambda issuer, config: issuer.token("someone@project.iam.gserviceaccount.com", AUDIENCE), Forbidden),
        (
            lambda _, config: TokenIssuer(config.oidc_issuer).token(config.task_service_account, AUDIENCE),
            Unauthenticated,
        ),
        (lambda *_: "garbage", Unauthenticated),
    ],
    ids=["another audience", "another account", "another key", "no token"],
)
def test_others_do_not(
    issuer: TokenIssuer, token: Callable[[TokenIssuer, Config], str], error: type[StockcastError]
) -> None:
    with pytest.raises(error):
        verify_task_token(config(), token(issuer, config()), AUDIENCE)


def test_a_token_of_another_issuer_does_not_pass(issuer: TokenIssuer) -> None:
    elsewhere = replace(config(), oidc_issuer="https://elsewhere.example")
    with pytest.raises(Unauthenticated):
        verify_task_token(elsewhere, issuer.token(config().task_service_account, AUDIENCE), AUDIENCE)


@pytest.mark.parametrize("path", ["/inventory/internal/refresh", "/operations/internal/drain-outbox"])
def test_users_do_not_get_into_internal_endpoints(client: TestClient, path: str) -> None:
    assert_problem(client.post(path, json={}), 401, "task_token_invalid")
    assert_problem(client.post(path, json={}, headers={"Authorization": ""}), 401, "token_missing")
    platform = {"Authorization": f"Bearer {client.token(platform=True)}"}
    assert_problem(client.post(path, json={}, headers=platform), 401, "task_token_invalid")
