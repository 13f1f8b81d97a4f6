"""Log lines as Cloud Logging reads them."""

from __future__ import annotations

import datetime as dt
import json
import time

import pytest

from shared.telemetry.logs import log
from shared.telemetry.trace import Trace, current_trace

pytestmark = pytest.mark.usefixtures("outside_of_requests")


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
    token = current_trace.set(Trace("ab" * 16, "cd" * 8, sampled=True))
    log("INFO", "traced")
    current_trace.reset(token)
    log("INFO", "not traced")
    traced, untraced = map(json.loads, capsys.readouterr().out.splitlines())
    assert traced["logging.googleapis.com/trace"] == f"projects/shop/traces/{'ab' * 16}"
    assert "logging.googleapis.com/trace" not in untraced


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2lnbmF0dXJl",
        "sk_acme.3f2a.c2VjcmV0LXNlY3JldA",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "Bearer abcdef0123456789",
        "postgresql://reader:hunter2@db.example/shop",
        "ann.smith+orders@example.org",
    ],
)
def test_what_a_library_says_of_secrets_is_blotted_out(capsys: pytest.CaptureFixture[str], secret: str) -> None:
    log(
        "ERROR",
        "failed",
        error=ValueError(f"cannot use '{secret}' here"),
        reason=f"because of {secret}.",
        detail=f"of:\n{secret}",
    )
    line = capsys.readouterr().out
    assert json.loads(line)["reason"].startswith("because of ")
    assert secret not in line
    assert not {"hunter2", "ann.smith", "abcdef0123456789"} & set(line.replace("'", " ").split())
    assert line.count("[redacted]") >= 3


@pytest.mark.parametrize("text", ["a" * 300_000 + "@", "eyJ" * 100_000 + "@", "sk_a" * 75_000, "://" * 100_000 + "@"])
def test_a_long_text_is_looked_through_quickly(capsys: pytest.CaptureFixture[str], text: str) -> None:
    began = time.process_time()
    log("ERROR", text)
    assert time.process_time() - began < 1
    assert len(capsys.readouterr().out) > len(text)


def test_names_that_only_look_alike_stay(capsys: pytest.CaptureFixture[str]) -> None:
    log("INFO", "sku_1 at 3 @ 4", item="desk_lamp.large", host="http://db.example/shop")
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["item"]) == ("sku_1 at 3 @ 4", "desk_lamp.large")
    assert line["host"] == "http://db.example/shop"
