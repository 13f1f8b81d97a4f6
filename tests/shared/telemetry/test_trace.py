"""Which trace a request belongs to, and how it is told on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.telemetry.trace import Trace, new_trace, trace_of, trace_of_traceparent

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, Trace(TRACE, SPAN, sampled=True)),
        ({"traceparent": f"00-{TRACE}-{SPAN}-00"}, Trace(TRACE, SPAN, sampled=False)),
        ({"traceparent": f"01-{TRACE}-{SPAN}-03-later"}, Trace(TRACE, SPAN, sampled=True)),
        ({"X-Cloud-Trace-Context": f"{TRACE}/255;o=1"}, Trace(TRACE, f"{255:016x}", sampled=True)),
        ({"X-Cloud-Trace-Context": f"{TRACE}/255"}, Trace(TRACE, f"{255:016x}", sampled=False)),
        (
            {"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Cloud-Trace-Context": f"{'f' * 32}/255"},
            Trace(TRACE, SPAN, sampled=True),
        ),
        ({"traceparent": f"00-{'0' * 32}-{SPAN}-01"}, None),
        ({"traceparent": f"00-{TRACE}-{'0' * 16}-01"}, None),
        ({"traceparent": f"00-{TRACE.upper()}-{SPAN}-01"}, None),
        ({"X-Cloud-Trace-Context": f"{'0' * 32}/1"}, None),
        ({}, None),
    ],
)
def test_the_trace_of_a_request(headers: dict[str, str], expected: Trace | None) -> None:
    assert trace_of(headers.get) == expected


def test_a_trace_without_a_span_gets_one() -> None:
    trace = trace_of({"X-Cloud-Trace-Context": TRACE}.get)
    assert trace is not None
    assert trace_of_traceparent(trace.traceparent) == trace


@given(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_new_trace_is_told_on_as_it_is(share: float) -> None:
    trace = new_trace(share)
    assert trace_of_traceparent(trace.traceparent) == trace
    assert trace.sampled <= (share > 0)
    assert trace.sampled >= (share == 1)


def test_the_share_that_is_asked_for_is_sampled() -> None:
    assert 50 < sum(new_trace(0.1).sampled for _ in range(1000)) < 170
