"""Texts of bodies and of imports: one rule for both."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.domain.imports.product_upsert import product_checks
from shared.domain.imports.record_checks import check_records
from shared.domain.imports.record_fields import PRODUCT_FIELDS, parse
from shared.http.texts import Code, Identifier, Label, Line, Lines, LongLine, LongLines

# Characters that Python's Unicode tables know; those of polars are newer.
ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"])
TEXTS = st.one_of(
    st.text(ASSIGNED, max_size=8),
    st.text(ASSIGNED, min_size=198, max_size=202),
    st.text("x", min_size=499, max_size=502),
)
_OF_A_FIELD: dict[str, Any] = {"product_name": LongLine, "category": Line, "sku": Line}


def imported(field: str, texts: list[str]) -> list[tuple[int, str | None]]:
    """(number from 1, value) of those that an import of products takes."""
    rows: dict[str, list[str | None]] = {f"raw_{name.name}": [None] * len(texts) for name in PRODUCT_FIELDS}
    rows |= {f"raw_{field}": list(texts), "raw_item_id": [f"i{number}" for number in range(len(texts))]}
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String)).with_columns(
        row_number=pl.int_range(1, len(texts) + 1, dtype=pl.Int64), record=pl.lit(None, dtype=pl.String)
    )
    parsed = parse(frame, PRODUCT_FIELDS, "UTC")
    return list(check_records(parsed, product_checks())[0].select("row_number", field).iter_rows())


@pytest.mark.parametrize("field", list(_OF_A_FIELD))
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_what_an_import_has_brought_can_be_sent_back(field: str, texts: list[str]) -> None:
    adapter = TypeAdapter(_OF_A_FIELD[field])
    taken = {number: value for number, value in imported(field, texts) if value is not None}
    for value in taken.values():
        assert adapter.validate_python(value) == value
    for number, text in enumerate(texts, start=1):
        if number not in taken:  # nor does a body take what an import rejects
            with pytest.raises(ValidationError):
                adapter.validate_python(text)


@pytest.mark.parametrize("kind", [Line, LongLine, Label, Code, Identifier, Lines, LongLines])
@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x7f", "\u200b", "\u202e", "\u2066", "\ufeff", "\ue000"])
def test_no_text_holds_what_cannot_be_seen(kind: Any, character: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"a{character}b")


@pytest.mark.parametrize("text", [".", "..", "=a", "a\u200db"])
def test_no_id_is_one_of_these(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Identifier).validate_python(text)


@pytest.mark.parametrize("kind", [Line, LongLine, Label, Code, Identifier, Lines, LongLines])
def test_the_document_says_that_blanks_are_no_text(kind: Any) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.json_schema()["pattern"] == r"\S"
    assert adapter.validate_python(" a b ") == "a b"
    with pytest.raises(ValidationError):
        adapter.validate_python("  ")
