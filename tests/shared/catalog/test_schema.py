"""The typed row names the columns that a list shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import get_type_hints

import polars as pl
import pytest

from shared.catalog.schema import OPEN_LINE, PUBLIC_COLUMNS, CatalogRow, OpenLineRow, public_rows
from tests.support.catalogs import catalog_rows

_TYPES = {
    pl.String: str,
    pl.Decimal: Decimal,
    pl.Float64: float,
    pl.Int64: int,
    pl.Boolean: bool,
    pl.Date: dt.date,
}


@pytest.mark.parametrize(
    ("row_type", "columns"),
    [(CatalogRow, PUBLIC_COLUMNS), (OpenLineRow, {field.name: field.dtype for field in OPEN_LINE.fields})],
)
def test_a_typed_row_has_the_columns_in_their_order_and_of_their_types(
    row_type: type, columns: dict[str, pl.DataType]
) -> None:
    hints = get_type_hints(row_type)
    assert list(hints) == list(columns)
    for name, kind in columns.items():
        expected = _TYPES[kind.base_type()]
        assert hints[name] in (expected, expected | None), name


def test_rows_are_named_by_column() -> None:
    (row,) = public_rows(catalog_rows({"item_id": "a"}).select(list(PUBLIC_COLUMNS)))
    assert list(row) == list(PUBLIC_COLUMNS)
    assert row["item_id"] == "a"
