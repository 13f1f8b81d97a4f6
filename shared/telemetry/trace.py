"""The trace that is being worked for, in the form of W3C Trace Context: from a request through its tasks to the job.

Nothing here exports anything (spans.py does): a log line and whatever is started carry the trace in any case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

TRACEPARENT = "traceparent"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")  # version 00
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=(\d))?.*")  # the span as a decimal number
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace (32 hexadecimal digits), the span of it that is being worked on (16), and whether its spans are kept."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        """What tells others that they work for it: the value of the header of this name."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


current_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""None outside of any work."""


def current_traceparent() -> str | None:
    """The header that carries the current trace on."""
    trace = current_trace.get()
    return None if trace is None else trace.traceparent


def trace_of(header: Callable[[str], str | None]) -> Trace | None:
    """The trace that the headers of a request name, None where they name none."""
    trace = trace_of_traceparent(header(TRACEPARENT))
    if trace is not None:
        return trace
    match = _CLOUD_TRACE.fullmatch(header("X-Cloud-Trace-Context") or "")
    if match is None or match[1] == _NO_TRACE:
        return None
    span_id = f"{int(match[2] or 0) & 0xFFFF_FFFF_FFFF_FFFF:016x}"
    return Trace(match[1], _new_span_id() if span_id == _NO_SPAN else span_id, match[3] == "1")


def trace_of_traceparent(traceparent: str | None) -> Trace | None:
    """The trace that a traceparent names; None for none and for what is none."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
        return None
    return Trace(match[1], match[2], bool(int(match[3], 16) & 1))


def new_trace(share: float) -> Trace:
    """A trace that begins here; of all of them this share is sampled, told by the id alone as OpenTelemetry does it."""
    trace_id = os.urandom(16).hex()
    return Trace(trace_id, _new_span_id(), int(trace_id[16:], 16) < share * 2**64)


def _new_span_id() -> str:
    return os.urandom(8).hex()
