"""Which characters ids and texts may hold."""

from __future__ import annotations

# A spreadsheet runs a cell that begins with one of these, full-width forms included.
FORMULA_STARTS = "=+-@＝＋－＠"

# Invisible, and part of the spelling of words: names may hold them.
ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = "\u200c", "\u200d"

# Every client of HTTP resolves these in a path, however they are escaped: no id may be one.
RELATIVE_SEGMENTS = (".", "..")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text as a formula."""
    return text[:1] in FORMULA_STARTS if text else False


def is_storable(text: str) -> bool:
    """Whether every database takes the text: no NUL character, and no half of a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_printable(text: str, *, lines: bool = False) -> bool:
    """Whether every character can be shown, or joins and parts letters as Persian and Hindi are written; with `lines`,
    line breaks may be among them. A text of joiners alone shows nothing."""
    visible = text.replace(ZERO_WIDTH_NON_JOINER, "").replace(ZERO_WIDTH_JOINER, "")
    shown = visible.replace("\n", "").replace("\r", "") if lines else visible
    return shown.isprintable() and (visible != "" or text == "")


def is_plain(text: str) -> bool:
    """Whether every character can be shown: what an id is made of, so that two that look the same are the same."""
    return text.isprintable()
