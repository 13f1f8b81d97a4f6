"""A client whose catalog holds the item ids that are hard to put into a URL."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import simplejson

from shared.domain.purchasing.product import Product
from tests.conftest import Running
from tests.support.catalogs import catalog_rows, publish
from tests.support.tenants import TestClient

HARD_IDS = (
    "plain",
    "a/b",
    "a//b",
    "/lead",
    "trail/",
    "a/b/metrics",
    "50%",
    "%2F",
    "a%2Fb",
    "%25",
    "a b",
    "a+b",
    "a?b=c&d",
    "a#b",
    "a;b",
    "ünï©ødé",
    "漢" * 500,
    "😀/😀",
    ".",
    "..",
    "../../auth/token",
    "__x__",
    "metrics",
    "health",
    "openapi.json",
    "products",
    "api",
    "internal",
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "\\",
)


class RawResponse:
    """What came back, byte for byte."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return simplejson.loads(self.body)


def send(
    client: TestClient,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    chunked: bool = False,
) -> RawResponse:
    """A request whose path goes out as it is: the usual clients tidy it up first. Signed in, unless headers say."""
    address = urlsplit(client.base_url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=30)
    signed = {"Authorization": f"Bearer {client.token()}"} | (headers or {})
    content: Any = iter([body]) if chunked and body is not None else body
    connection.request(method, address.path + path, body=content, headers=signed, encode_chunked=chunked)
    response = connection.getresponse()
    found = RawResponse(
        response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    )
    connection.close()
    return found


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The response is an RFC 9457 problem of this status and code, and shows nothing of our insides."""
    found = response.status if isinstance(response, RawResponse) else response.status_code
    text = response.body.decode() if isinstance(response, RawResponse) else response.text
    assert found == status, text
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = simplejson.loads(text)
    assert (problem["status"], problem["code"]) == (status, code), text
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors", "trace_id"}
    assert len(problem["trace_id"]) == 32
    assert problem["title"]
    assert problem["detail"]
    for leak in ("Traceback", "<html", "<!doctype", 'File "/'):
        assert leak not in text
    return problem


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    products = [Product(item, f"Product {number}") for number, item in enumerate(HARD_IDS)]
    client.stock(products, {})
    publish(
        client.tenant, catalog_rows(*({"item_id": one.item_id, "product_name": one.product_name} for one in products))
    )
    return client
