"""Code that decides a calibration does not change without a look at the version of what is kept."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

from forecast_job.run.cached_calibration import CALIBRATION_VERSION

ROOT = Path(__file__).parents[3]
DECIDING = (
    "forecast_job/client_history/closed_days.py",
    "forecast_job/client_history/level.py",
    "forecast_job/client_history/season_and_open_days.py",
    "forecast_job/client_history/weekday_index.py",
    "forecast_job/demand/load.py",
    "forecast_job/demand/panel.py",
    "forecast_job/totals/calibration.py",
    "forecast_job/totals/expected_total.py",
    "forecast_job/totals/pooled_errors.py",
    "shared/bigquery/sql/daily_sellers.sql",
    "shared/bigquery/sql/demand_records.sql",
    "shared/bigquery/sql/job_items.sql",
)
RECORDED = (7, "302991370446c17f")


def code(path: Path) -> str:
    """A file without what no number depends on: comments, docstrings, layout."""
    text = path.read_text()
    if path.suffix == ".sql":
        return " ".join(re.sub(r"--.*", "", text).split())
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def fingerprint() -> str:
    hashed = hashlib.sha256()
    for name in DECIDING:
        hashed.update(b"\0" + code(ROOT / name).encode())
    return hashed.hexdigest()[:16]


def test_the_version_is_looked_at_when_the_code_of_calibrations_changes() -> None:
    assert (CALIBRATION_VERSION, fingerprint()) == RECORDED, (
        "code that decides a calibration has changed. If it moves a number, raise CALIBRATION_VERSION in "
        "forecast_job/run/cached_calibration.py, or runs use what was learned by the old code. Then record version and "
        "fingerprint here."
    )


def test_comments_docstrings_and_layout_do_not_count(tmp_path: Path) -> None:
    python, other = tmp_path / "a.py", tmp_path / "b.py"
    python.write_text(
        '"""Text."""\n\nLIMIT = 2  # why\n\n\ndef twice(x: int) -> int:\n    """More."""\n    return 2 * x\n'
    )
    other.write_text("LIMIT = 2\ndef twice(x: int) -> int:\n    return (2 * x)\n")
    assert code(python) == code(other)
    other.write_text("LIMIT = 3\ndef twice(x: int) -> int:\n    return 2 * x\n")
    assert code(python) != code(other)
    query, same = tmp_path / "a.sql", tmp_path / "b.sql"
    query.write_text("-- why\nSELECT 1\n")
    same.write_text("SELECT\n  1")
    assert code(query) == code(same)
