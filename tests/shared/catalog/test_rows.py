"""Rows that lists answer with have the public columns, in their order."""

from __future__ import annotations

import polars as pl

from shared.catalog.rows import CatalogRow, catalog_rows
from shared.catalog.schema import PUBLIC_COLUMNS, ROW_SCHEMA


def test_the_type_names_the_public_columns() -> None:
    assert list(CatalogRow.__annotations__) == list(PUBLIC_COLUMNS)


def test_inner_columns_are_left_out() -> None:
    frame = pl.DataFrame([{name: None for name in ROW_SCHEMA}], schema=ROW_SCHEMA)
    assert [list(row) for row in catalog_rows(frame)] == [list(PUBLIC_COLUMNS)]
