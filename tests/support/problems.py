"""What an error answer looks like."""

from __future__ import annotations

from typing import Any

import simplejson
from werkzeug.test import TestResponse

from tests.support.raw_http import RawResponse


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The response is an RFC 9457 problem of this status and code, and shows nothing of our insides."""
    found = response.status if isinstance(response, RawResponse) else response.status_code
    text = _body(response).decode()
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


def _body(response: Any) -> bytes:
    """Not its `text`, for which requests guesses an encoding."""
    if isinstance(response, RawResponse):
        return response.body
    body: bytes = response.data if isinstance(response, TestResponse) else response.content
    return body
