"""One path for every way a function is reached.

A function answers under its function URL (`/{item_id}`: the platform strips the name), under a run.app URL and behind
the load balancer (`/api/v1/products/{item_id}`). Routes are written in the last form without `/api/v1`, and this
middleware brings every request into it. It works on the undecoded path, because an item_id may hold a slash: the
server decodes `%2F` before routing, after which `a%2Fb/metrics` and `a/b/metrics` are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from werkzeug.routing import BaseConverter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API_ROOT = "/api/v1"
_FUNCTION_LEVEL = ("health", "openapi.json")


class CanonicalPaths:
    """WSGI middleware that rewrites PATH_INFO to `/<prefix>/...`, one escaped segment per path segment.

    `prefixes` are the first segments that the function owns; a path that starts with none of them came through the
    function URL and gets the first one put in front. `/health` and `/openapi.json` belong to the function itself.
    """

    def __init__(self, app: WSGIApplication, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        segments = [_escape(segment) for segment in _raw_path(environ).removeprefix(API_ROOT).split("/") if segment]
        if not (len(segments) == 1 and segments[0] in _FUNCTION_LEVEL) and (
            not segments or segments[0] not in self._prefixes
        ):
            segments.insert(0, self._prefixes[0])
        environ["PATH_INFO"] = "/" + "/".join(segments)
        environ["SCRIPT_NAME"] = ""
        return self._app(environ, start_response)


class ItemIdConverter(BaseConverter):
    """A path segment that may hold any character, slashes included; gives the plain text to the endpoint."""

    part_isolating = True
    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.replace("%2F", "/").replace("%25", "%")

    def to_url(self, value: str) -> str:
        from urllib.parse import quote

        return quote(value, safe="")


def path_of_rule(rule: str) -> str:
    """The path that a rule stands for: `/products/<item_id:item_id>` for `/products/{item_id}`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _raw_path(environ: WSGIEnvironment) -> str:
    """The path as the caller sent it, still encoded, without the query."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:  # a server that keeps no raw form: encode what it decoded, slashes in ids are then lost
        return str(environ.get("PATH_INFO", "/")).replace("%", "%25")
    path = str(raw).partition("?")[0]
    if "://" in path:  # absolute form
        path = "/" + path.split("/", 3)[-1]
    return path


def _escape(segment: str) -> str:
    """Decode a segment, but keep `/` (and the escape character) escaped; bytes as WSGI wants them, latin-1."""
    decoded = unquote_to_bytes(segment).replace(b"%", b"%25").replace(b"/", b"%2F")
    return decoded.decode("latin-1")
