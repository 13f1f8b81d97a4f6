"""Entry point of the order planning function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.order_planning.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "order_planning"]


@functions_framework.http
def order_planning(request: Request) -> Response:
    return respond(app, request)
