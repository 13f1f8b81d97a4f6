"""Entry point of the settings function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.settings.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "settings"]


@functions_framework.http
def settings(request: Request) -> Response:
    return respond(app, request)
