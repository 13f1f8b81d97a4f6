"""Typed frames as batches of text."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.imports.readers.frames import readable_columns, text_batches


def test_columns_without_a_text_are_left_out() -> None:
    frame = pl.DataFrame({"id": [1], "tags": [["x"]], "point": [{"x": 1}], "blob": [b"x"], "name": ["a"]})

    assert readable_columns(frame.schema) == ["id", "name"]


def test_records_are_numbered_across_frames_and_columns_take_the_headers_names() -> None:
    frames = [pl.DataFrame({"n": [5, 6]}), pl.DataFrame({"n": []}, schema={"n": pl.Int64}), pl.DataFrame({"n": [7]})]

    batches = list(text_batches(frames, ("units",)))

    assert [batch.row_number.to_list() for batch in batches] == [[1, 2], [], [3]]
    assert [batch.columns.rows() for batch in batches] == [[("5",), ("6",)], [], [("7",)]]
    assert [batch.columns.columns for batch in batches] == [["units"]] * 3
    assert sum(batch.malformed.height for batch in batches) == 0


@given(st.lists(st.none() | st.floats(width=64), min_size=1, max_size=20))
def test_a_float_is_a_number_without_needless_decimals_or_no_value(values: list[float | None]) -> None:
    (batch,) = text_batches([pl.DataFrame({"n": pl.Series(values, dtype=pl.Float64)})], ("n",))

    for value, text in zip(values, batch.columns["n"], strict=True):
        if value is None or value != value:
            assert text is None
            continue
        assert float(text) == value
        if abs(value) < 2**53 and value.is_integer():
            assert text == str(int(value))
