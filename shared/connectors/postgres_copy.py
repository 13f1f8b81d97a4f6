"""Rows of PostgreSQL by COPY TO STDOUT: the quickest way out, as text that the server writes, in constant memory.

The rows are taken from libpq (psycopg.pq): the driver's own loop over a COPY costs several times what the parsing of
its text does.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import polars as pl
from psycopg import ClientCursor, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from shared.connectors.connector import BOOLEAN, INSTANT
from shared.connectors.statement import Statement

_NULL = "\\N"
_FAILED = -2  # of PQgetCopyData; the number of bytes of a row, or -1 after the last, are what else it says


def copied(
    connection: Any, statement: Statement, columns: Mapping[str, str], rows: int
) -> Generator[pl.DataFrame, None, None]:
    """The rows as columns of text, at most `rows` at once; `columns` with their types.

    COPY takes no parameters: the driver writes the values into it, as literals of their types.
    """
    text = f"COPY ({statement.text}) TO STDOUT (FORMAT csv, NULL '{_NULL}')"
    with ClientCursor(connection) as cursor:
        query = cursor.mogrify(text.encode(), dict(statement.values))
    with closing(_lines(connection, query)) as lines:
        while taken := list(islice(lines, rows)):
            yield _frame(taken, columns)


def _lines(connection: Any, query: str) -> Generator[Any, None, None]:
    """The rows, each as the bytes of its line; raises psycopg.Error. The connection is in a transaction, and its
    `statement_timeout` limits how long a row is waited for."""
    wire = connection.pgconn
    _expect(wire.exec_(query.encode()), ExecStatus.COPY_OUT)
    size = 0
    try:
        while True:
            size, line = wire.get_copy_data(0)
            if size < 0:
                break
            yield line
        if size == _FAILED:
            raise OperationalError(wire.get_error_message())
    finally:
        if size >= 0:  # nobody wants the rest
            connection.cancel_safe()
            while wire.get_copy_data(0)[0] >= 0:
                pass
        result = wire.get_result()
        while wire.get_result() is not None:
            pass
    if result is not None:
        _expect(result, ExecStatus.COMMAND_OK)


def _expect(result: Any, status: ExecStatus) -> None:
    if result.status != status:
        raise error_from_result(result)


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
