"""Entry point of the inventory function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.inventory.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "inventory"]


@functions_framework.http
def inventory(request: Request) -> Response:
    return respond(app, request)
