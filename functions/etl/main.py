"""Entry point of the etl function: imports of sales, products and stock, and what became of them."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.etl.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "etl"]


@functions_framework.http
def etl(request: Request) -> Response:
    return respond(app, request)
