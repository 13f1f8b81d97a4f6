"""Entry point of the locations function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.locations.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "locations"]


@functions_framework.http
def locations(request: Request) -> Response:
    return respond(app, request)
