"""Progress: a bar for people, JSON lines with Cloud Logging's fields otherwise."""

from __future__ import annotations

import json

import pytest

from forecast_job.progress import JobProgress

pytestmark = pytest.mark.usefixtures("outside_of_requests")


def test_elsewhere_each_line_is_a_log_entry(capsys: pytest.CaptureFixture[str]) -> None:
    progress = JobProgress(interactive=False)
    progress.say("loaded", rows=3)
    progress.say("broken", "ERROR")
    assert list(progress.track([1, 2], "working", 2)) == [1, 2]
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"severity": "INFO", "message": "loaded", "rows": 3},
        {"severity": "ERROR", "message": "broken"},
        {"severity": "INFO", "message": "working: done", "steps": 2},
    ]
    assert err == ""


def test_on_a_terminal_there_is_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    progress = JobProgress(interactive=True)
    assert list(progress.track([1, 2], "working", 2)) == [1, 2]
    progress.say("loaded", rows=3)
    out, err = capsys.readouterr()
    assert out == ""
    assert "working" in err
    assert "loaded  rows=3" in err
