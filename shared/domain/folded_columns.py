"""Columns of texts as people compare them: folding.py for a whole column, quicker than a text at a time."""

from __future__ import annotations

import polars as pl

from shared.domain.folding import DIGITS, LAST_DIGITS, ZEROS, folded


def folded_texts(texts: pl.Series) -> pl.Series:
    """`folded` of each text; a null stays null."""
    is_ascii = texts.str.len_bytes() == texts.str.len_chars()
    plain = texts.str.to_lowercase().str.replace_all("`", "'", literal=True)
    if is_ascii.all():
        return plain
    return pl.Series(
        texts.name,
        [
            plain_text if ascii_only is not False else folded(text)
            for text, plain_text, ascii_only in zip(texts, plain, is_ascii, strict=True)
        ],
        dtype=pl.String(),
    )


def sorting_keys(texts: pl.Series) -> pl.Series:
    """`sorting_key` of each text; a null stays null."""
    padded = folded_texts(texts).str.replace_all(DIGITS, f"{ZEROS}${{0}}")
    return padded.str.replace_all(LAST_DIGITS, "${1}")
