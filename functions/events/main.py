"""Entry point of the events function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.events.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "events"]


@functions_framework.http
def events(request: Request) -> Response:
    return respond(app, request)
