"""Entry point of the dashboard function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.dashboard.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "dashboard"]


@functions_framework.http
def dashboard(request: Request) -> Response:
    return respond(app, request)
