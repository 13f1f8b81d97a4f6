"""Entry point of the suppliers function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.suppliers.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "suppliers"]


@functions_framework.http
def suppliers(request: Request) -> Response:
    return respond(app, request)
