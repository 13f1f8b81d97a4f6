"""What browsers are told of every answer. Each test over HTTP checks it too: tests/support/contract.py."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from functions.auth.endpoints import app
from infra.local.stack.gateway import gateway
from shared.config import config
from shared.http.paths import API_ROOT
from shared.http.security_headers import GUARDS, policy_of_page
from tests.support.bare_config import configure


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    configure(monkeypatch)
    yield
    config.cache_clear()


@pytest.mark.parametrize("path", ["/auth/token", "/auth/me", "/nothing", "/health", "/auth/users/x", "/auth/jwks"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_every_answer_has_them_whatever_its_status(method: str, path: str) -> None:
    response = app.test_client().open(path, method=method)
    assert GUARDS.items() <= dict(response.headers).items()
    assert "Cache-Control" in response.headers
    assert "Strict-Transport-Security" not in response.headers


def test_over_https_a_browser_is_to_stay_there() -> None:
    for options in ({"headers": {"X-Forwarded-Proto": "https"}}, {"base_url": "https://api.example.com"}):
        response = app.test_client().get("/auth/jwks", **options)
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_answers_with_tokens_are_stored_nowhere() -> None:
    for path in ("/auth/token", "/auth/refresh", "/auth/password-reset"):
        assert app.test_client().post(path, json={}).headers["Cache-Control"] == "no-store"


def test_the_page_of_the_document_runs_its_own_script_and_no_other() -> None:
    site = gateway()._site.test_client()
    page = site.get(f"{API_ROOT}/docs")
    policy = page.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script>(.+?)</script>", page.text, re.DOTALL)
    assert policy == policy_of_page(*scripts)
    assert len(scripts) == 1
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    with site.get(f"{API_ROOT}/docs/files/css/swagger-ui.css") as file:
        assert file.headers["X-Content-Type-Options"] == "nosniff"
