"""Entry point of the purchase orders function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.purchase_orders.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "purchase_orders"]


@functions_framework.http
def purchase_orders(request: Request) -> Response:
    return respond(app, request)
