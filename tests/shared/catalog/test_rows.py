"""Rows that lists answer with have the public columns, in their order."""

from __future__ import annotations

import polars as pl

from shared.catalog.rows import CatalogRow, OpenLineRow, public_rows
from shared.catalog.schema import OPEN_LINE, PUBLIC_COLUMNS, ROW_SCHEMA


def test_the_types_name_the_columns() -> None:
    assert list(CatalogRow.__annotations__) == list(PUBLIC_COLUMNS)
    assert list(OpenLineRow.__annotations__) == [field.name for field in OPEN_LINE.fields]


def test_inner_columns_are_left_out() -> None:
    frame = pl.DataFrame([dict.fromkeys(ROW_SCHEMA)], schema=ROW_SCHEMA)
    assert [list(row) for row in public_rows(frame)] == [list(PUBLIC_COLUMNS)]
