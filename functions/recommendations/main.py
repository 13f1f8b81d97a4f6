"""Entry point of the recommendations function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.recommendations.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "recommendations"]


@functions_framework.http
def recommendations(request: Request) -> Response:
    return respond(app, request)
