"""Entry point of the chat function."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.chat.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "chat"]


@functions_framework.http
def chat(request: Request) -> Response:
    return respond(app, request)
