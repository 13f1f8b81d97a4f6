"""Entry point of the notifications function: deliveries to the clients' webhooks, and sending them."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from functions.notifications.endpoints import app
from shared.http.entry import respond

__all__ = ["app", "notifications"]


@functions_framework.http
def notifications(request: Request) -> Response:
    return respond(app, request)
