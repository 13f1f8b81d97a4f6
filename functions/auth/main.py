"""Entry point of the auth function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.auth.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "auth"]


@functions_framework.http
def auth(request: Request) -> Response:
    return respond(app, request)
