from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.delivery.scan import check, refused, vulnerabilities


def occurrence(severity: str, *, fix: bool = True, name: str = "CVE-2026-1") -> dict[str, Any]:
    """As `list-vulnerabilities --format=json` prints one."""
    issue = {"affectedPackage": "openssl", "fixedVersion": {"kind": "NORMAL" if fix else "MAXIMUM"}}
    return {
        "noteName": f"projects/goog-vulnz/notes/{name}",
        "vulnerability": {"effectiveSeverity": severity, "packageIssue": [issue]},
    }


@pytest.mark.parametrize(
    ("severity", "fix", "accepted", "is_refused"),
    [
        ("CRITICAL", True, "", True),
        ("HIGH", True, "", True),
        ("MEDIUM", True, "", False),
        ("CRITICAL", False, "", False),  # nothing to deploy instead
        ("CRITICAL", True, "CVE-2026-1", False),
        ("SEVERITY_UNSPECIFIED", True, "", False),
    ],
)
def test_what_is_severe_and_has_a_fix_is_refused(severity: str, fix: bool, accepted: str, is_refused: bool) -> None:
    found = list(vulnerabilities("auth", [occurrence(severity, fix=fix)]))
    assert bool(refused(found, "HIGH", frozenset({accepted}))) == is_refused


def test_an_unknown_severity_does_not_pass() -> None:
    with pytest.raises(ValueError, match="auth: unknown severity 'TERRIBLE'"):
        list(vulnerabilities("auth", [occurrence("TERRIBLE")]))


def test_an_image_that_was_not_scanned_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "auth.json").write_text("[]")
    assert check(tmp_path, ["auth"], "HIGH") == 0
    assert check(tmp_path, ["auth", "etl"], "HIGH") == 1
    (tmp_path / "etl.json").write_text(json.dumps([occurrence("HIGH")]))
    assert check(tmp_path, ["auth", "etl"], "HIGH") == 1
    lines = capsys.readouterr().out.splitlines()
    assert "REFUSED: etl was not scanned" in lines
    assert "REFUSED: etl: CVE-2026-1 HIGH in openssl (a fix is available)" in lines
    assert lines[-1] == "2 images, 1 known vulnerabilities, 1 refused (HIGH with a fix)"
