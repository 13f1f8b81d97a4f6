"""A page that polars writes says the same as one that is written value by value."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.schema import PUBLIC_COLUMNS, public_rows
from shared.http.frame_rows import FrameRows
from shared.http.json import DecimalJSON
from tests.support.catalogs import catalog_rows

_json = DecimalJSON(Flask("probe"))
_COLUMNS = list(PUBLIC_COLUMNS)
_texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ['"unit_cost":"1.00"', '","unit_cost":"1.00","x":"', '\\"on_order\\":\\"2\\"', "12.50", "\u2028</script>"]
)
_rows = st.fixed_dictionaries(
    {
        "item_id": _texts,
        "product_name": _texts,
        "category": _texts,
        "supplier_name": _texts | st.none(),
        "current_stock": st.decimals(-(10**14), 10**14, places=3),
        "unit_cost": st.decimals(0, 10**15, places=2) | st.none(),
        "dir": st.floats() | st.none(),
        "needs_review": st.booleans(),
    }
)


def _value(value: Any) -> Any:
    """As it compares: a decimal with its scale."""
    return str(value) if isinstance(value, Decimal) else value


@given(st.lists(_rows, max_size=4))
def test_it_says_what_its_rows_say(rows: list[dict[str, Any]]) -> None:
    page = catalog_rows(*rows).select(_COLUMNS)
    written = json.loads(_json.dumps({"items": FrameRows(page)}), parse_float=Decimal)["items"]
    expected = json.loads(_json.dumps(public_rows(page)), parse_float=Decimal)
    for row, other in zip(written, expected, strict=True):
        assert list(row) == _COLUMNS
        for name in _COLUMNS:
            if name == "dir":  # 1e-7 and 1e-07 are the same number
                assert row[name] == other[name]
            else:
                assert (name, _value(row[name])) == (name, _value(other[name]))


@pytest.mark.parametrize("dir_", [math.nan, math.inf, None])
def test_what_is_no_number_is_null(dir_: float | None) -> None:
    (row,) = json.loads(FrameRows(catalog_rows({"item_id": "a", "dir": dir_}).select(_COLUMNS)).json_text())
    assert row["dir"] is None


def test_rows_are_at_hand_for_whoever_looks_at_them() -> None:
    page = catalog_rows({"item_id": "a"}, {"item_id": "b"}).select(_COLUMNS)
    rows = FrameRows(page)
    assert len(rows) == 2
    assert list(rows) == public_rows(page)
    assert [row["item_id"] for row in rows[1:]] == ["b"]
