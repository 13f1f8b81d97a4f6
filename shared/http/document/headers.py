"""The headers of requests and answers, as the document describes them."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_TAG = r'(W/)?"[!#-~]*"'
_TAGS = {"type": "string", "maxLength": 1000, "pattern": rf"^(\*|{_TAG}(, {_TAG})*)$"}

REQUEST_HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "A text of your choice, for 24 hours: the same request with the same key is carried out once "
        "and gets the first answer again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "If-Match": {
        "description": "The ETag of the version that you change; 412 if it is no longer the current one.",
        "schema": _TAGS,
    },
    "If-None-Match": {
        "description": "The ETag of an answer that you have kept; 304 while it is still the answer.",
        "schema": _TAGS,
    },
    "Last-Event-ID": {
        "description": "The id of the last event that you have got: what you have missed since is told first.",
        "schema": {"type": "string", "maxLength": 17},
    },
}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "The version of the answer, for If-Match or If-None-Match.",
        "required": True,
        "schema": _TEXT,
    },
    "Location": {"description": "The path of what was made or started.", "required": True, "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer", "minimum": 0}},
    "RateLimit": {
        "description": 'What is left of the minute, requests and seconds: `"client";r=1180;t=23`. With `;unshared` '
        "nobody is held to it just now.",
        "required": False,
        "schema": _TEXT,
    },
    "RateLimit-Policy": {
        "description": 'How many requests a client may send in a minute: `"client";q=1200;w=60`.',
        "required": False,
        "schema": _TEXT,
    },
    "WWW-Authenticate": {"description": "How to authenticate: `Bearer`.", "required": True, "schema": _TEXT},
    "Content-Disposition": {"description": "The file's name, as an attachment.", "required": True, "schema": _TEXT},
}
