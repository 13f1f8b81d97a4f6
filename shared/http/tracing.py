"""The trace that a request belongs to: taken from its headers, or begun."""

from __future__ import annotations

import re
import uuid

from flask import request

from shared.logs import trace_id

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")  # W3C Trace Context, version 00
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(/.*)?")
_NO_TRACE = "0" * 32


def trace_request() -> None:
    """Make the current request's trace that of every log line until its end."""
    trace_id.set(_given() or uuid.uuid4().hex)


def _given() -> str | None:
    for header, pattern in (("traceparent", _TRACEPARENT), ("X-Cloud-Trace-Context", _CLOUD_TRACE)):
        match = pattern.fullmatch(request.headers.get(header, ""))
        if match and match[1] != _NO_TRACE:
            return match[1]
    return None
