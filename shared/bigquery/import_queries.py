"""Queries of what imports left."""

from __future__ import annotations

from typing import NamedTuple

from shared.bigquery.query import RowQuery


class RejectedRow(NamedTuple):
    """A row that an import rejected, `record` being JSON, beside how many rows it rejected in `total`."""

    row_number: int
    check: str
    field: str | None
    reason: str
    record: str
    total: int


REJECTS = RowQuery("rejects", RejectedRow)
