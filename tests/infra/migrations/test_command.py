"""`python -m infra.migrate`."""

from __future__ import annotations

import sys
import uuid

import pytest

from infra import migrate
from infra.migrations.versions import NEWEST
from shared.bigquery.dataset import create_missing
from shared.config import config
from tests.infra.migrations.old_installation import old_installation

pytestmark = pytest.mark.integration


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["migrate", *arguments])
    return migrate.main()


def test_dry_run_then_run_then_status(
    running: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    create_missing(config())
    with old_installation(1, f"old-{uuid.uuid4().hex[:8]}", with_tables=True) as old:
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", old.config.project_id)
        monkeypatch.setenv("STOCKCAST_DATASET", old.config.dataset)
        monkeypatch.setenv("SHORT_SHA", "abc1234")
        assert run(monkeypatch, "--status") == 0
        assert capsys.readouterr().out == f"version 1 of {NEWEST}, which no migration has recorded\n"
        assert run(monkeypatch, "--dry-run") == 3
        assert "  documents of operations: 8 to change\n" in capsys.readouterr().out
        assert run(monkeypatch) == 0
        assert capsys.readouterr().out.endswith(f"the stored data has version {NEWEST}\n")
        assert run(monkeypatch, "--dry-run") == 0
        assert run(monkeypatch, "--to", "1") == 1
        assert f"the stored data has version {NEWEST}, this build knows 1 to {NEWEST}" in capsys.readouterr().err
        assert run(monkeypatch, "--status") == 0
        said = capsys.readouterr().out
        assert f"version {NEWEST} of {NEWEST}" in said
        assert "abc1234  invoice lines are kept\n       table sales_lines: 1" in said


def test_where_nothing_is_stored_there_is_no_version(
    running: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", f"empty-{uuid.uuid4().hex[:8]}")
    assert run(monkeypatch, "--status") == 0
    assert capsys.readouterr().out == "nothing is stored yet\n"


def test_tables_that_terraform_has_not_made_stop_a_deployment(
    running: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", f"empty-{uuid.uuid4().hex[:8]}")
    assert run(monkeypatch) == 1
    assert "the dataset lacks etl_rejects, forecast_accuracy" in capsys.readouterr().err
