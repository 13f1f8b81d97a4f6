"""The line of the log that every request ends in, its span, and `Server-Timing` in its answer.

The line is what dashboards, costs per client and alerts are made of (infra/terraform/metrics.tf): its message and its
fields' names are read there. It holds nothing that the caller wrote: the route instead of the path, whose ids and query
values stay out, and the client and role of the verified caller, without address or token.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, g, request

from shared.http.event_stream import MEDIA_TYPE as EVENT_STREAM
from shared.http.paths import path_of_rule
from shared.telemetry.logs import log
from shared.telemetry.spans import begin_work, end_work
from shared.telemetry.trace import trace_of
from shared.telemetry.work_record import WorkRecord, current_record

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from shared.domain.access.principal import Principal

REQUEST, TASK = "request", "task"  # the messages
UNMATCHED = "unmatched"  # the route of a path that no endpoint has
_requests = itertools.count()


def begin_request() -> None:
    """Work for the request's trace from here on, and note what it costs."""
    g.span = begin_work(trace_of(request.headers.get), request.method)
    g.record = WorkRecord()
    current_record.set(g.record)


def note_end(response: Response) -> Response:
    """The response with its times; the line is written when all of it has been handed to the server."""
    record: WorkRecord = g.record
    is_known = "principal" in g
    if is_known:  # before that, how long a look-up takes might tell what it found
        response.headers["Server-Timing"] = server_timing(record)
    rule = request.url_rule
    path = UNMATCHED if rule is None else _path(rule.rule)
    is_task = "/internal/" in path
    ending = _Ending(
        record,
        g.span,
        current_app.name,
        request.method,
        path,
        is_task,
        response.status_code,
        None if response.is_streamed else response.calculate_content_length(),  # which would collect all of it
        _caller() if is_known else _queue() if is_task else {},
        record.elapsed_s if response.mimetype == EVENT_STREAM else None,
    )
    if response.is_streamed:
        response.call_on_close(ending.write)
    else:
        ending.write()
    return response


def server_timing(record: WorkRecord) -> str:
    """The value of the header: milliseconds until now, and those of the parts, which overlap."""
    parts = {"total": record.elapsed_s, **record.seconds}
    return ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in parts.items())


def severity_of(status: int, *, is_task: bool) -> str:
    """A caller's fault is a warning; so is a task that will be tried again, as it says with 503."""
    if status >= 500 and not (is_task and status == 503):
        return "ERROR"
    return "INFO" if status < 400 else "WARNING"


@dataclass(slots=True)
class _Ending:
    """What is known of a request while it is there; how long it took and what it cost, when it has ended."""

    record: WorkRecord
    span: Span | None
    function: str
    method: str
    path: str
    is_task: bool
    status: int
    response_bytes: int | None
    caller: Mapping[str, Any]
    answered_s: float | None  # of a stream of events, whose end nobody waits for

    def write(self) -> None:
        seconds = self.record.elapsed_s
        route = f"{self.method} {self.path}"
        fields: dict[str, Any] = {
            "route": route,
            "status": self.status,
            "latency_ms": round((seconds if self.answered_s is None else self.answered_s) * 1000, 1),
            **({} if self.answered_s is None else {"open_s": round(seconds, 1)}),
            "function": self.function,
            "revision": os.environ.get("K_REVISION", "local"),
            "cold_start": self.path != "/health" and next(_requests) == 0,
            **self.caller,
            **self.record.facts,
            **self.record.costs(),
        }
        request_of_line = {
            "requestMethod": self.method,
            "requestUrl": self.path,
            "status": self.status,
            "responseSize": None if self.response_bytes is None else str(self.response_bytes),
            "latency": f"{seconds:.6f}s",
        }
        severity = severity_of(self.status, is_task=self.is_task)
        log(severity, TASK if self.is_task else REQUEST, **fields, httpRequest=request_of_line)
        if self.span is not None:
            attributes = {"http.route": self.path, "http.response.status_code": self.status, **fields}
            end_work(self.span, route, attributes, failed=self.status >= 500)


def _caller() -> dict[str, str]:
    """The client that is asked about, and as whom."""
    caller: Principal = g.principal
    client_id = g.context.tenant.client_id if "context" in g else caller.client_id
    return {"client_id": client_id, "role": "platform" if caller.platform else caller.role.value}


def _queue() -> dict[str, Any]:
    """Which queue or schedule calls, as it says itself."""
    retries = request.headers.get("X-CloudTasks-TaskRetryCount", "")
    named = {
        "queue": request.headers.get("X-CloudTasks-QueueName"),
        "schedule": request.headers.get("X-CloudScheduler-JobName"),
        "retry": int(retries) if retries.isdecimal() else None,
    }
    return {name: value for name, value in named.items() if value is not None}


_path = cache(path_of_rule)  # there are as many as routes
