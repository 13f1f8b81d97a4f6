"""Spans of OpenTelemetry: the parts of a trace with their times, sent by OTLP where that is configured.

`OTEL_EXPORTER_OTLP_ENDPOINT` turns it on, `OTEL_TRACES_SAMPLER_ARG` is the share of the traces begun here that is kept
(0.1 without it). Whoever calls us decides for his own traces, as a request does for its tasks. What is kept is decided
by the trace's id alone and without the library, which a process so imports with the first request that is kept (0.1 s,
measured) and not at its start.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.telemetry.trace import Trace, current_trace, new_trace

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span
    from requests import Session

Attribute = str | int | float | bool
_USUAL_SHARE = 0.1


@cache
def is_exporting() -> bool:
    """Whether this process sends spans anywhere."""
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


@cache
def _share() -> float:
    return float(os.environ.get("OTEL_TRACES_SAMPLER_ARG") or _USUAL_SHARE)


def begin_trace(trace: Trace | None) -> Trace:
    """Work for that trace, or for a new one, until other work begins."""
    begun = trace or new_trace(_share() if is_exporting() else 0.0)
    current_trace.set(begun)
    return begun


def begin_work(parent: Trace | None, name: str) -> Span | None:
    """As `begin_trace`; the span of the work, where it is kept."""
    if not (begin_trace(parent).sampled and is_exporting()):
        return None
    from opentelemetry.trace import SpanKind

    span = _provider().get_tracer("stockcast").start_span(name, _context(parent), SpanKind.SERVER)
    current_trace.set(_trace_of(span))
    return span


def end_work(span: Span | None, name: str, attributes: Mapping[str, Attribute], *, failed: bool) -> None:
    """The work is done, which now has its name."""
    if span is None:
        return
    from opentelemetry.trace import StatusCode

    span.update_name(name)
    span.set_attributes(attributes)
    if failed:
        span.set_status(StatusCode.ERROR)
    span.end()


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[None]:
    """The block is a part of the current work, and what happens in it is part of that."""
    trace = current_trace.get()
    if trace is None or not trace.sampled or not is_exporting():
        yield
        return
    from opentelemetry.trace import SpanKind, StatusCode

    tracer = _provider().get_tracer("stockcast")
    started = tracer.start_span(name, _context(trace), SpanKind.INTERNAL, attributes)
    token = current_trace.set(_trace_of(started))
    try:
        yield
    except BaseException:
        started.set_status(StatusCode.ERROR)
        raise
    finally:
        current_trace.reset(token)
        started.end()


def call_made(name: str, seconds: float, attributes: Mapping[str, Attribute]) -> None:
    """A call of a backend has ended that took so long: a span of the current work, where that is kept."""
    trace = current_trace.get()
    if trace is None or not trace.sampled or not is_exporting():
        return
    from opentelemetry.trace import SpanKind

    ended = time.time_ns()
    began = ended - int(seconds * 1e9)
    tracer = _provider().get_tracer("stockcast")
    tracer.start_span(name, _context(trace), SpanKind.CLIENT, attributes, start_time=began).end(ended)


def _context(parent: Trace | None) -> Context:
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    if parent is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED)
    context = SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(context), Context())


def _trace_of(span: Span) -> Trace:
    context = span.get_span_context()
    return Trace(f"{context.trace_id:032x}", f"{context.span_id:016x}", sampled=True)


@cache
def _provider() -> TracerProvider:
    """The library, set up; no global one, so that no other library adds spans of its own. It sends what is left when
    the process ends."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    env = os.environ
    attributes = {
        "service.name": env.get("K_SERVICE") or env.get("CLOUD_RUN_JOB") or "stockcast",
        "service.version": env.get("K_REVISION") or env.get("CLOUD_RUN_EXECUTION") or "local",
        "gcp.project_id": env.get("GOOGLE_CLOUD_PROJECT", ""),
    }
    provider = TracerProvider(ALWAYS_ON, Resource.create(attributes))
    session = _google_session() if _is_googles(env["OTEL_EXPORTER_OTLP_ENDPOINT"]) else None
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(session=session)))
    return provider


def _is_googles(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(".googleapis.com")


def _google_session() -> Session:
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)
