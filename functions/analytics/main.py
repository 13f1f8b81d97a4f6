"""Entry point of the analytics function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.analytics.endpoints import app
from shared.http.entry import respond

__all__ = ["analytics", "app"]


@functions_framework.http
def analytics(request: Request) -> Response:
    return respond(app, request)
