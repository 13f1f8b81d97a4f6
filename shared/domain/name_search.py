"""What a search for names looks at: their words, folded. A word of the search finds those that it begins."""

from __future__ import annotations

import polars as pl

from shared.domain.folded_columns import folded_texts

_BETWEEN_WORDS = r"[\W_]+"


def words_of(texts: pl.Series) -> pl.Series:
    """The words of each text with a blank before each: whether a word begins one is whether this holds ` word`."""
    parted = folded_texts(texts.fill_null("")).str.replace_all(_BETWEEN_WORDS, " ").str.strip_chars(" ")
    return (" " + parted).alias(texts.name)


def words(search: str) -> list[str]:
    """The words of a search, as `words_of` has them."""
    return str(words_of(pl.Series([search]))[0]).split()
