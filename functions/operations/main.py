"""Entry point of the operations function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.operations.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "operations"]


@functions_framework.http
def operations(request: Request) -> Response:
    return respond(app, request)
