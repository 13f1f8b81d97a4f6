"""Statements of tests, beside those of the folder `sql`."""

from __future__ import annotations

from typing import Any

from shared.bigquery.query import Query, Row, RowQuery
from shared.bigquery.warehouse import Parameter, Warehouse


class SqlText(Query):
    """The statement itself in place of a file's name."""

    @property
    def text(self) -> str:
        return self.name


class SqlRows(RowQuery[Row]):
    """The same with the type of its rows."""

    @property
    def text(self) -> str:
        return self.name


def table_rows(warehouse: Warehouse, sql: str, **parameters: Parameter) -> list[dict[str, Any]]:
    """The rows of a statement as dictionaries."""
    return warehouse.arrow(SqlText(sql), **parameters).to_pylist()
