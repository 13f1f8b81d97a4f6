"""Entry point of the audit function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.audit.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "audit"]


@functions_framework.http
def audit(request: Request) -> Response:
    return respond(app, request)
