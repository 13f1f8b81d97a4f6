"""SQL stands in shared/bigquery/sql, a statement a file, and in no string of the code; see shared/bigquery/merge.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Statements around what a client gives (his columns, his table or query) cannot be files.
GENERATORS = {
    ROOT / "shared" / "bigquery" / "merge.py",
    ROOT / "shared" / "bigquery" / "client_rows.py",
    *(ROOT / "shared" / "connectors" / name for name in ("statement.py", "databases.py", "postgres_copy.py")),
}
FOLDERS = ("functions", "forecast_job", "shared")
KEYWORDS = re.compile(
    r"\b(SELECT|MERGE|INSERT INTO|DELETE FROM|UPDATE|UNNEST|FROM|WHERE|(GROUP|ORDER|PARTITION) BY|JOIN|UNION ALL)\b"
)


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string, or part of one with values in it, that is not a docstring."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        yield from strings(node)


def inline_sql(text: str) -> list[str]:
    return [str(string.value) for string in strings(ast.parse(text)) if KEYWORDS.search(str(string.value))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_string_holds_sql(folder: str) -> None:
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if path not in GENERATORS]
    assert len(paths) > 10
    assert {str(path.relative_to(ROOT)): sql for path in paths if (sql := inline_sql(path.read_text()))} == {}


@pytest.mark.parametrize("code", ["x = 'SELECT 1'", "x(f'DELETE FROM {table}')", "y = {'a': ['b', 'WHERE a = 1']}"])
def test_it_would_be_noticed(code: str) -> None:
    assert inline_sql(code)
    assert not inline_sql(f'def f() -> None:\n    """{code}"""\n')
