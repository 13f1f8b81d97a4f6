"""Every error that the system gives, as a document: `python -m infra.error_catalogue` writes docs/errors.md."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import forecast_job
import functions
import shared
from shared.domain.errors import KINDS, StockcastError

DOCUMENT = Path(__file__).parents[1] / "docs" / "errors.md"
_INTRODUCTION = """\
# Errors

Every error is an RFC 9457 problem document (`application/problem+json`): `status`, `title`, a stable `code` that
programs decide by, a `detail` for people that names what was given and what is allowed, `errors` with a pointer to each
wrong field, and a `trace_id` to quote. The OpenAPI document lists the codes that each operation can give.

A code for something that does not exist (`product_not_found`) comes with 404 where the path names it, and with 422
where a field of the body does. 429 and 503 carry `Retry-After`.

This page is written by `python -m infra.error_catalogue`; a test fails when it is out of date.
"""


_TITLES = {kind.status: kind.title for kind in KINDS} | {StockcastError.status: StockcastError.title}


def error_types(packages: Iterable[object] = (shared, functions, forecast_job)) -> list[type[StockcastError]]:
    """Every error with a code of its own, by status and code; imports everything to find them."""
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):  # type: ignore[attr-defined]
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    # A program that something else has imported adds no more to the document than one that nothing has.
    served = (kind for kind in _descendants(StockcastError) if not kind.__module__.endswith("__main__"))
    coded = {kind for kind in served if "code" in vars(kind)} | {StockcastError}
    return sorted(coded, key=lambda kind: (kind.status, kind.code))


def document(kinds: Iterable[type[StockcastError]]) -> str:
    """The page: a table for each status."""
    tables: dict[tuple[int, str], list[str]] = {}
    for kind in kinds:
        meaning = (inspect.getdoc(kind) or "").partition("\n")[0]
        tables.setdefault((kind.status, _TITLES[kind.status]), []).append(f"| `{kind.code}` | {meaning} |")
    parts = [_INTRODUCTION]
    for (status, title), rows in tables.items():
        parts.append("\n".join((f"## {status} {title}", "", "| code | when |", "| --- | --- |", *rows, "")))
    return "\n".join(parts)


def _descendants(kind: type[StockcastError]) -> Iterator[type[StockcastError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document(error_types()))
