"""No text of ours runs in a spreadsheet."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.csv_cells import active_texts, inert_text, inert_texts, reimported_texts


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\ttext",
        "\rtext",
        "  =1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        "\ufeff=1",
        "\x00=1",
        "\x80=1",
        "\u115f\u3164=1",
        "\ufe0f\ufffe=1",
        "\ufeff\u200b\x00 \U000e0041=1",
        "\u202e \u2066-1",
        "'=1",
        "''\t1",
    ],
)
def test_what_would_run_gets_an_apostrophe(text: str) -> None:
    assert inert_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "lamp", "a=b", "5-pack", "'a", '"=1"', " text", "1 + 1", "\\=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert inert_text(text) == text


_ALPHABET = "=+-@＝\t\r\n \x00\x1c\x1f\x85\u00a0\u2003\u200b\u200f\u2066\ufeff\x80\u3164\ufe0f\U000e0041$0a'\"é"


@given(st.lists(st.none() | st.text(alphabet=_ALPHABET), max_size=20))
def test_a_column_and_a_single_text_are_treated_alike(texts: list[str | None]) -> None:
    column = pl.Series("text", texts, dtype=pl.String).to_frame().select(inert_texts(pl.col("text"))).to_series()
    assert column.to_list() == [text if text is None else inert_text(text) for text in texts]


@given(st.lists(st.none() | st.text(_ALPHABET) | st.text(), max_size=20))
def test_what_the_export_puts_in_front_the_import_takes_off(texts: list[str | None]) -> None:
    column = pl.Series("text", texts, dtype=pl.String).to_frame()
    for as_exported in (inert_texts, reimported_texts):
        exported = column.select(as_exported(pl.col("text")))
        assert exported.select(active_texts(pl.col("text"))).to_series().to_list() == texts


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    inert = inert_text(text)
    assert inert in (text, f"'{text}")
    assert not inert.lstrip().startswith(("=", "+", "-", "@"))
