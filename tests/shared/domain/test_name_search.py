"""Search by the beginnings of words, against looking at every word."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.folding import folded
from shared.domain.name_search import MAX_TERM_LENGTH, lookup_term, matches, search_terms, words

TEXTS = st.text(max_size=60)


def test_words_are_parted_by_what_is_neither_letter_nor_digit() -> None:
    assert words("Smith's  Pots & Pans_Ltd. (2024)") == ("smith", "s", "pots", "pans", "ltd", "2024")
    assert words("Crème BRÛLÉE, Straße") == ("creme", "brulee", "strasse")
    assert words("*** --") == ()


def test_the_longest_word_is_looked_up() -> None:
    assert lookup_term("of paper") == "paper"
    assert lookup_term("x" * 50) == "x" * MAX_TERM_LENGTH
    assert lookup_term("***") is None


@given(TEXTS)
def test_case_and_the_form_of_accents_make_no_difference(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(TEXTS, st.data())
def test_every_beginning_of_a_word_finds_its_text(text: str, data: st.DataObject) -> None:
    known = words(text)
    if not known:
        return
    word = data.draw(st.sampled_from(known))
    beginning = word[: data.draw(st.integers(1, len(word)))]
    assert matches(beginning, text)
    assert lookup_term(beginning) in search_terms(text)


@given(TEXTS, TEXTS)
def test_what_a_search_matches_is_among_what_its_term_finds(text: str, search: str) -> None:
    if words(search) and matches(search, text):
        assert lookup_term(search) in search_terms(text)


@given(st.text(max_size=200))
def test_a_name_has_no_more_terms_than_letters(text: str) -> None:
    terms = search_terms(text)
    assert len(terms) == len(set(terms)) <= len(folded(text))
    assert all(0 < len(term) <= MAX_TERM_LENGTH for term in terms)
