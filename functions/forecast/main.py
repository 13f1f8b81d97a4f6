"""Entry point of the forecast function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.forecast.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "forecast"]


@functions_framework.http
def forecast(request: Request) -> Response:
    return respond(app, request)
