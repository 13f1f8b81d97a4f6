"""The words of names."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.name_search import words

TEXTS = st.text(max_size=60)


def test_words_are_parted_by_what_is_neither_letter_nor_digit() -> None:
    assert words("Smith's  Pots & Pans_Ltd. (2024)") == ("smith", "s", "pots", "pans", "ltd", "2024")
    assert words("Crème BRÛLÉE, Straße") == ("creme", "brulee", "strasse")
    assert words("*** --") == ()


@given(TEXTS)
def test_case_and_the_form_of_accents_make_no_difference(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(TEXTS)
def test_words_are_words_of_themselves(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)
