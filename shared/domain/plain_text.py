"""Which characters ids and texts may hold."""

from __future__ import annotations

# A spreadsheet runs a cell that begins with one of these, full-width forms included.
FORMULA_STARTS = "=+-@＝＋－＠"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text as a formula."""
    return text[:1] in FORMULA_STARTS if text else False


def is_printable(text: str, *, lines: bool = False) -> bool:
    """Whether every character can be shown; with `lines`, line breaks may be among them."""
    return (text.replace("\n", "").replace("\r", "") if lines else text).isprintable()


def is_storable(text: str) -> bool:
    """Whether every database takes the text: no NUL character, and no half of a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
