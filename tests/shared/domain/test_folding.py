"""Texts as people compare and sort them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.folded_columns import folded_texts, sorting_keys
from shared.domain.folding import folded, sorting_key

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("İSTANBUL", "istanbul"),
        ("Isparta Işık", "isparta isik"),
        ("ﬁlter", "filter"),
        ("Children’s", "children's"),
        ("Children`s", "children's"),
        ("CAFÉ", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("Straße", "strasse"),
        ("ΟΔΟΣ", "οδοσ"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Ｌａｍｐ\u00a0№ ５", "lamp no 5"),
        ("می\u200cخواهم", "میخواهم"),
        ("6–8 “inch”", '6-8 "inch"'),
    ],
)
def test_what_looks_alike_is_found(text: str, plain: str) -> None:
    assert folded(text) == plain


@given(_texts)
@example("ᾳ\u0345")
@example("Å`")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(_texts, _texts)
def test_a_part_is_found_whatever_the_case(before: str, after: str) -> None:
    assert folded("cafe") in folded(f"{before} CAFÉ {after}")


@given(st.lists(st.none() | _texts, max_size=8))
@example(["`a", None, "Ä"])
@example(["K 007", "k 10", ""])
def test_a_column_is_folded_as_each_of_its_texts(texts: list[str | None]) -> None:
    column = pl.Series("text", texts, dtype=pl.String())
    assert folded_texts(column).to_list() == [None if text is None else folded(text) for text in texts]
    assert sorting_keys(column).to_list() == [None if text is None else sorting_key(text) for text in texts]


@pytest.mark.parametrize(
    "in_order",
    [
        ["apple", "Banana", "cherry"],
        ["cafe", "café", "cafeteria"],
        ["Eclair", "Éclair", "egg"],
        ["Lamp 2", "lamp 2b", "Lamp 10", "Lamp 100"],
        ["A4 paper", "A5 paper", "A10 paper"],
        ["5012345678900", "50123456789000"],
        ["Lodz", "Łódź", "Lublin"],
    ],
)
def test_names_stand_as_people_sort_them(in_order: list[str]) -> None:
    assert sorted(in_order, key=lambda name: (sorting_key(name), name)) == in_order


@given(st.integers(0, 10**20 - 1), st.integers(0, 10**20 - 1))
def test_numbers_are_sorted_by_their_value(first: int, second: int) -> None:
    assert (sorting_key(f"lamp {first}") < sorting_key(f"lamp {second}")) == (first < second)
