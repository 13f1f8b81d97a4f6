"""The words of names."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.name_search import words, words_of

TEXTS = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Smith's  Pots & Pans_Ltd. (2024)", ["smith", "s", "pots", "pans", "ltd", "2024"]),
        ("Crème BRÛLÉE, Straße", ["creme", "brulee", "strasse"]),
        ("İSTANBUL ﬁlter", ["istanbul", "filter"]),
        ("फ़िल्टर क्\u200dष", ["फिलटर", "कष"]),
        ("*** --", []),
        ("", []),
    ],
)
def test_words_are_parted_by_what_is_neither_letter_nor_digit(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_each_word_has_a_blank_before_it() -> None:
    assert words_of(pl.Series(["Acme, Ltd", None, "-x-"])).to_list() == [" acme ltd", " ", " x"]


@given(TEXTS)
def test_case_and_the_form_of_accents_make_no_difference(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(TEXTS, st.data())
def test_every_beginning_of_a_word_finds_its_text(text: str, data: st.DataObject) -> None:
    for word in words(text):
        beginning = word[: data.draw(st.integers(1, len(word)))]
        assert f" {beginning}" in words_of(pl.Series([text]))[0]
