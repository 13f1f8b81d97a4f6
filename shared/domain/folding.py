"""Texts as people compare them: without case, accents, ligatures, typographic signs and what cannot be seen.

`İSTANBUL`, `ﬁlter` and `Children’s` are found as istanbul, filter and children's. Sorted by `sorting_key`, names stand
as in a list made by hand: `café` next to `cafe`, `Lamp 2` before `lamp 10`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Letters that Unicode takes for letters of their own and keyboards for variants, and signs that have a plain form.
_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛ʼʹʻ`´′＇", "'")
    | dict.fromkeys("“”„‟″＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_WIDTH = 20  # of a number in a sorting key; a longer one is sorted by its last digits
_ZEROS = "0" * _WIDTH
_DIGITS, _LAST_DIGITS = r"[0-9]+", rf"[0-9]*([0-9]{{{_WIDTH}}})"  # the same to Python and to polars


def folded(text: str) -> str:
    """The text as it is compared; folding it once more changes nothing."""
    if text.isascii():
        return text.lower().replace("`", "'")
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKD", plain.casefold()).translate(_PLAIN)


def sorting_key(text: str) -> str:
    """What the text is sorted by: folded, numbers by their value."""
    return re.sub(_LAST_DIGITS, r"\1", re.sub(_DIGITS, rf"{_ZEROS}\g<0>", folded(text)))


def folded_texts(texts: pl.Series) -> pl.Series:
    """`folded` of each text; a null stays null."""
    import polars as pl

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
    padded = folded_texts(texts).str.replace_all(_DIGITS, f"{_ZEROS}${{0}}")
    return padded.str.replace_all(_LAST_DIGITS, "${1}")
