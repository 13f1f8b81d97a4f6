"""Rows of PostgreSQL by COPY TO STDOUT: the quickest way out, as text that the server writes, in constant memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from psycopg import ClientCursor

from shared.connectors.connector import BOOLEAN, INSTANT
from shared.connectors.statement import Statement

_NULL = "\\N"


def copied(connection: Any, statement: Statement, columns: Mapping[str, str], rows: int) -> Iterator[pl.DataFrame]:
    """The rows as columns of text, at most `rows` at once; `columns` with their types.

    COPY takes no parameters: the driver writes the values into it, as literals of their types.
    """
    text = f"COPY ({statement.text}) TO STDOUT (FORMAT csv, NULL '{_NULL}')"
    with ClientCursor(connection) as cursor, cursor.copy(text.encode(), dict(statement.values)) as copy:
        lines: list[Any] = []
        for line in copy:
            lines.append(line)
            if len(lines) == rows:
                yield _frame(lines, columns)
                lines = []
        if lines:
            yield _frame(lines, columns)


def _frame(lines: list[Any], columns: Mapping[str, str]) -> pl.DataFrame:
    frame = pl.read_csv(
        io.BytesIO(b"".join(lines)),
        has_header=False,
        infer_schema=False,
        null_values=_NULL,
    )
    frame.columns = list(columns)
    return frame.with_columns(_in_one_form(name, kind) for name, kind in columns.items() if kind in (BOOLEAN, INSTANT))


def _in_one_form(column: str, kind: str) -> pl.Expr:
    text = pl.col(column)
    return text.replace({"t": "true", "f": "false"}) if kind == BOOLEAN else text.str.replace(r"\+00$", "Z")
