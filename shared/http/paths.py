"""One path for every way a function is reached.

A function answers under its function URL (`/{item_id}`: the platform strips the name), under a run.app URL and behind
the load balancer (`/api/v1/products/{item_id}`). Routes are written in the last form without `/api/v1`, and this
middleware brings every request into it. It works on the undecoded path, because an item_id may hold a slash: the
server decodes `%2F` before routing, after which `a%2Fb/metrics` and `a/b/metrics` are the same.

Where a load balancer serves the API, a request from outside has the last form, spelled as the document spells it: what
the balancer's rules say of a path must hold of every way to write it. Cloud Tasks and Cloud Scheduler come in by the
function's own address, with the short form, and nobody else can (infra/terraform).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from shared.config import config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API_ROOT = "/api/v1"
_FUNCTION_LEVEL = ("health", "openapi.json")
_INTERNAL = "internal"  # the second segment of what only Cloud Tasks and Cloud Scheduler may call


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


def refuse_other_spellings(function: str, *, has_internal: bool) -> None:
    """Raises NotFound for a request from outside that is not spelled as its route is, or asks for an internal one."""
    raw = _raw_path(request.environ)
    if not _is_from_outside(function) or raw == "/health":  # a probe of Cloud Run names no host of ours
        return
    if has_internal and request.path.split("/")[2:3] == [_INTERNAL]:
        raise NotFound
    if request.url_rule is not None and not is_spelled_out(raw, request.url_rule.rule):
        raise NotFound("the address is spelled in another way than the API's document spells it")


def is_spelled_out(raw: str, rule: str) -> bool:
    """Whether a raw path is what the rule says, letter by letter where it is fixed, with nothing empty in between."""
    segments, parts = raw.split("/"), f"{API_ROOT}{rule}".split("/")
    return len(segments) == len(parts) and all(
        bool(segment) if part.startswith("<") else segment == part
        for segment, part in zip(segments, parts, strict=True)
    )


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


def _is_from_outside(function: str) -> bool:
    """Whether a load balancer serves the API and the request came for another host than the function's own."""
    if config().api_host is None:
        return False
    host = request.headers.get("Host", "").lower().partition(":")[0]
    return host != urlsplit(config().url_of(function)).hostname


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
