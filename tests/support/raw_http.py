"""Requests whose bytes go out as they are."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import simplejson

from tests.support.contract import Answer, contract_of
from tests.support.tenants import TestClient


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
    contract_of(client.base_url).check_answer(method, path, Answer.of(path, found.status, found.headers, found.body))
    return found
