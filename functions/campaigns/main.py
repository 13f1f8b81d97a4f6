"""Entry point of the campaigns function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.campaigns.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "campaigns"]


@functions_framework.http
def campaigns(request: Request) -> Response:
    return respond(app, request)
