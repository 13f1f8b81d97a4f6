"""From a functions-framework request to a function's app."""

from __future__ import annotations

from flask import Request, Response

from shared.http.app import Api


def respond(app: Api, request: Request) -> Response:
    """Answer a request that the functions framework received; its own Flask app only hands it over."""
    return Response.from_app(app, request.environ)  # type: ignore[return-value]
