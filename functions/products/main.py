"""Entry point of the products function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.products.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "products"]


@functions_framework.http
def products(request: Request) -> Response:
    return respond(app, request)
