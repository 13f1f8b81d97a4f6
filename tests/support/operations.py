"""The operations of the merged document, for tests that try something on all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from infra.local.stack.gateway import gateway


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all functions; it takes seconds to make."""
    return gateway().document


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each."""
    for path, of_path in document()["paths"].items():
        for method, operation in of_path.items():
            yield method, path, operation


def that_ends(path: str) -> str:
    """The path, asked so that its answer comes to an end: of a stream, what there is to tell now."""
    return f"{path}?max_seconds=0" if path == "/events" else path
