"""Ids that mean the same are one id, and no id is taken for another one."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.spelling import Spellings, likeness

IDS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=6), unique=True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mug-blue", "MUG-BLUE"),
        (" MUG-blue ", "MUG-BLUE"),
        ("CAFE\u0301-9", "CAFÉ-9"),
        ("cafe\u0301-9", "CAFÉ-9"),
        ("CAFE-9", "CAFE-9"),  # another item, unknown
        ("TWO \u00a0WORDS", "two words"),
        ("a", "a"),
        ("A", "A"),
        ("new ", "new"),
        ("New", "New"),
    ],
)
def test_what_is_meant(text: str, meant: str) -> None:
    known = Spellings(["MUG-BLUE", "CAFÉ-9", "two words", "a", "A"])
    assert known.of(text) == meant
    assert known.of_all(pl.Series([text, None])).to_list() == [meant, None]


def test_what_is_new_is_known_as_it_is_spelt_first() -> None:
    known = Spellings(["PL-1"], learns=True)
    assert known.of_all(pl.Series(["pl-1", "Pl-2 ", "PL-2", None])).to_list() == ["PL-1", "Pl-2", "Pl-2", None]
    assert known.of("pl-2") == "Pl-2"


@given(IDS, st.sampled_from([str, str.upper, str.lower, lambda text: unicodedata.normalize("NFD", text)]))
def test_an_id_is_never_taken_for_another(ids: list[str], spelt: type[str]) -> None:
    known = Spellings(ids)
    assert known.of_all(pl.Series(ids, dtype=pl.String)).to_list() == ids
    for text in ids:
        meant = known.of(spelt(text))
        assert known.of(meant) == meant
        assert likeness(meant) == likeness(spelt(text))
