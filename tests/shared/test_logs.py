"""Log lines as Cloud Logging reads them."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from shared.logs import log


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log("INFO", "two\nlines", item="ü", at=dt.date(2024, 6, 3))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"severity": "INFO", "message": "two\nlines", "item": "ü", "at": "2024-06-03"}


def test_an_error_comes_with_its_stack(capsys: pytest.CaptureFixture[str]) -> None:
    log("ERROR", "failed", error=ValueError("why"))
    (line,) = capsys.readouterr().out.splitlines()
    assert "ValueError: why" in json.loads(line)["stack_trace"]
