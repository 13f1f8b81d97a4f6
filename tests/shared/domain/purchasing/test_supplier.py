"""What an email address looks like, to Python and to polars."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.purchasing.supplier import EMAIL, is_email


@pytest.mark.parametrize("text", ["a@b.example", "ann.o+orders@mail.acme.co.uk", "ü@ä.example"])
def test_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "@b.example", "a@.example", "a@b.", "a b@c.example", "a@b@c.example", "a@b.c,d@e.f", "<a@b.c>"],
)
def test_other_texts(text: str) -> None:
    assert not is_email(text)


@given(st.lists(st.text(alphabet="ab@. ,;<>ü\n\u2003", max_size=8)))
def test_polars_reads_it_the_same_way(texts: list[str]) -> None:
    found = pl.Series(texts, dtype=pl.String).str.contains(EMAIL)
    assert found.to_list() == [is_email(text) for text in texts]
