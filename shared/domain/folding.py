"""Texts as people compare them: without case, accents, ligatures, typographic signs and what cannot be seen.

`İSTANBUL`, `ﬁlter` and `Children’s` are found as istanbul, filter and children's. Sorted by `sorting_key`, names stand
as in a list made by hand: `café` next to `cafe`, `Lamp 2` before `lamp 10`. folded_columns.py does so for columns.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode takes for letters of their own and keyboards for variants, and signs that have a plain form.
_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛ʼʹʻ`´′＇", "'")
    | dict.fromkeys("“”„‟″＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_WIDTH = 20  # of a number in a sorting key; a longer one is sorted by its last digits
ZEROS = "0" * _WIDTH
DIGITS, LAST_DIGITS = r"[0-9]+", rf"[0-9]*([0-9]{{{_WIDTH}}})"  # the same to Python and to polars


def folded(text: str) -> str:
    """The text as it is compared; folding it once more changes nothing."""
    if text.isascii():
        return text.lower().replace("`", "'")
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKD", plain.casefold()).translate(_PLAIN)


def sorting_key(text: str) -> str:
    """What the text is sorted by: folded, numbers by their value."""
    return re.sub(LAST_DIGITS, r"\1", re.sub(DIGITS, rf"{ZEROS}\g<0>", folded(text)))
