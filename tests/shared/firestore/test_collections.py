"""Only shared/firestore knows where documents lie."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[3]
ROOM = PROJECT / "shared" / "firestore"


def opened_collections(path: Path) -> Iterator[str]:
    """Where a module asks for a collection or a collection group, as path:line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in ("collection", "collection_group"):
            yield f"{path.relative_to(PROJECT)}:{node.lineno}"


def test_no_collection_outside_of_storage() -> None:
    sources = [
        path
        for folder in ("shared", "functions", "forecast_job", "infra")
        for path in (PROJECT / folder).rglob("*.py")
        if ROOM not in path.parents
    ]
    assert sources
    found = [place for path in sources for place in opened_collections(path)]
    assert found == [], "give these documents a repository in shared/firestore"


def test_the_check_sees_a_collection() -> None:
    assert list(opened_collections(ROOM / "tenant.py"))
