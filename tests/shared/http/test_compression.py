"""gzip: who gets it, and that it holds what the answer would."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.config import config
from shared.http.access import public
from shared.http.app import Api
from shared.http.compression import SMALLEST_BYTES
from tests.support.bare_config import configure

LARGE = b'{"text":"' + b"tea " * 1000 + b'"}'
SLICES = [b"item_id,name\n", b"", b"TEA,Tea\n" * 500]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    configure(monkeypatch)
    api = Api("probe", "Probe", prefixes=("probe",))
    answers = {
        "large": lambda: Response(LARGE, content_type="application/json"),
        "small": lambda: Response(b"x" * (SMALLEST_BYTES - 1), content_type="application/json"),
        "limit": lambda: Response(b"x" * SMALLEST_BYTES, content_type="application/json"),
        "pdf": lambda: Response(LARGE, content_type="application/pdf"),
        "csv": lambda: Response(iter(SLICES), content_type="text/csv; charset=utf-8"),
        "parquet": lambda: Response(iter(SLICES), content_type="application/vnd.apache.parquet"),
    }
    for name, answer in answers.items():
        answer.__name__ = name
        api.get(f"/probe/{name}", responses={200: None})(public(answer))
    yield api.test_client()
    config.cache_clear()


def fetch(
    client: FlaskClient, name: str, accepted: str | None = "gzip, deflate, br", method: str = "GET"
) -> TestResponse:
    return client.open(f"/probe/{name}", method=method, headers={"Accept-Encoding": accepted} if accepted else {})


@pytest.mark.parametrize("name", ["large", "limit", "csv"])
def test_whoever_accepts_gzip_gets_it(client: FlaskClient, name: str) -> None:
    plain, packed = fetch(client, name, None), fetch(client, name)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    for response in (plain, packed):
        assert "Accept-Encoding" in response.vary
    if name != "csv":  # a stream's length is not known before its end
        assert packed.headers["Content-Length"] == str(len(packed.data))


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br", "identity", "*;q=0"])
def test_nobody_else_does(client: FlaskClient, accepted: str) -> None:
    response = fetch(client, "large", accepted)
    assert "Content-Encoding" not in response.headers
    assert response.data == LARGE


@pytest.mark.parametrize("name", ["small", "pdf", "parquet"])
def test_what_would_not_get_smaller_stays(client: FlaskClient, name: str) -> None:
    assert "Content-Encoding" not in fetch(client, name).headers


def test_a_head_request_has_the_same_headers_and_no_body(client: FlaskClient) -> None:
    head, got = fetch(client, "large", method="HEAD"), fetch(client, "large")
    assert head.data == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert head.headers["Content-Encoding"] == "gzip"
