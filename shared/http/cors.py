"""Which pages of other origins may call: exact origins by configuration, `http://localhost:*` with any port."""

from __future__ import annotations

import re

from flask import Response, request

from shared.config import config

_PORT = re.compile(r":\d{1,5}$")
_ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent"
_ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_EXPOSED_HEADERS = (
    "Allow, Content-Disposition, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, "
    "WWW-Authenticate"
)


def answer_preflight() -> Response | None:
    """The answer to a browser that asks before it calls, None for any other request.

    It comes before routing: the page then reads the 404 or 405 of the call itself.
    """
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    if _is_allowed(request.headers.get("Origin")):
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
        response.headers["Access-Control-Max-Age"] = "3600"
    return response


def show_to_allowed_origins(response: Response) -> Response:
    """The response, errors too, with what lets a page of an allowed origin read it; a refused origin gets nothing."""
    if config().cors_origins:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin is not None and _is_allowed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
            response.headers["Timing-Allow-Origin"] = origin
    return response


def _is_allowed(origin: str | None) -> bool:
    if origin is None:
        return False
    origins = config().cors_origins
    return origin in origins or f"{_PORT.sub('', origin)}:*" in origins
