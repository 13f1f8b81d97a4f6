"""Which pages may call, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Response
from flask.testing import FlaskClient

from shared.config import config
from shared.http.access import public
from shared.http.app import Api
from tests.support.bare_config import configure

ALLOWED = ("https://app.example", "http://localhost:5173", "http://localhost", "http://127.0.0.1:80")
REFUSED = (
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "https://app.example:444",
    "http://localhost.evil.example",
    "http://localhost:80:80",
    "http://localhost:evil",
    "https://localhost:5173",
    "null",
    "*",
    "",
)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    origins = "https://app.example,http://localhost:*,http://127.0.0.1:*"
    configure(monkeypatch, STOCKCAST_CORS_ORIGINS=origins)
    api = Api("probe", "Probe", prefixes=("probe",))

    @api.get("/probe", responses={200: None})
    @public
    def probe() -> Response:
        return Response("{}", content_type="application/json")

    yield api.test_client()
    config.cache_clear()


@pytest.mark.parametrize("path", ["/probe", "/probe/nothing"])
@pytest.mark.parametrize("origin", ALLOWED)
def test_a_page_of_an_allowed_origin_asks_and_may_send_what_the_api_takes(
    client: FlaskClient, origin: str, path: str
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    preflight = client.options(path, headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    allowed = set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"} <= allowed
    methods = set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= methods


@pytest.mark.parametrize("origin", ALLOWED)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/probe", 200), ("GET", "/probe/nothing", 404), ("POST", "/probe", 405), ("GET", "/probe?a=1", 422)],
)
def test_it_reads_every_answer_errors_too(
    client: FlaskClient, origin: str, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method, headers={"Origin": origin})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert response.headers["Timing-Allow-Origin"] == origin
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"ETag", "Location", "Retry-After", "Content-Disposition", "Server-Timing"} <= exposed
    assert "Origin" in response.vary


@pytest.mark.parametrize("origin", REFUSED)
def test_a_page_of_another_origin_is_told_nothing(client: FlaskClient, origin: str) -> None:
    asked = client.options("/probe", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
    called = client.get("/probe", headers={"Origin": origin})
    for response in (asked, called):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        assert "Origin" in response.vary  # a cache keeps no answer of one origin for another
