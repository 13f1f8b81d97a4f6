"""Log lines as Cloud Logging reads them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from shared.logs import log, trace_id


@pytest.fixture(autouse=True)
def outside_of_requests() -> Iterator[None]:
    """A request that another test made in this thread leaves its trace."""
    token = trace_id.set(None)
    yield
    trace_id.reset(token)


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log("INFO", "two\nlines", item="ü", at=dt.date(2024, 6, 3))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"severity": "INFO", "message": "two\nlines", "item": "ü", "at": "2024-06-03"}


def test_an_error_comes_with_its_stack(capsys: pytest.CaptureFixture[str]) -> None:
    log("ERROR", "failed", error=ValueError("why"))
    (line,) = capsys.readouterr().out.splitlines()
    assert "ValueError: why" in json.loads(line)["stack_trace"]


def test_a_line_of_a_request_carries_its_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "shop")
    token = trace_id.set("ab" * 16)
    log("INFO", "traced")
    trace_id.reset(token)
    log("INFO", "not traced")
    traced, untraced = map(json.loads, capsys.readouterr().out.splitlines())
    assert traced["logging.googleapis.com/trace"] == f"projects/shop/traces/{'ab' * 16}"
    assert "logging.googleapis.com/trace" not in untraced
