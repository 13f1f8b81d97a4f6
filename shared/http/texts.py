"""Types of text fields in request bodies: stripped, printable, never empty; ids and names are no formulas either.

Names and other text may hold the joiners of Persian and Hindi, ids may not: two ids that look the same are the same.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.domain.plain_text import RELATIVE_SEGMENTS, is_formula, is_plain, is_printable

_MAX_LINE_LENGTH = 200
_MAX_LONG_LINE_LENGTH = 500
_MAX_NOTE_LENGTH = 500
_MAX_LONG_NOTE_LENGTH = 2000
_MAX_INDEXED_BYTES = 1500  # of a value that Firestore looks up


def _printable(text: str) -> str:
    if not is_printable(text):
        raise ValueError("it holds a character that cannot be printed")
    return text


def _printable_lines(text: str) -> str:
    if not is_printable(text, lines=True):
        raise ValueError("it holds a character that cannot be printed")
    return text


def _plain(text: str) -> str:
    if not is_plain(text):
        raise ValueError("it holds a character that cannot be seen")
    return text


def _addressable(text: str) -> str:
    if text in RELATIVE_SEGMENTS:
        raise ValueError(f"{text!r} cannot be part of an address: clients take it for a way up the path")
    return text


def _indexed(text: str) -> str:
    size = len(text.encode())
    if size > _MAX_INDEXED_BYTES:
        raise ValueError(f"it has {size:,} bytes; allowed: {_MAX_INDEXED_BYTES:,}")
    return text


def _no_formula(text: str) -> str:
    if is_formula(text):
        raise ValueError(f"it begins with {text[0]!r}: a spreadsheet would run it as a formula")
    return text


_LINE = StringConstraints(strip_whitespace=True, min_length=1, max_length=_MAX_LINE_LENGTH)
_LONG_LINE = StringConstraints(strip_whitespace=True, min_length=1, max_length=_MAX_LONG_LINE_LENGTH)
_LINES = StringConstraints(strip_whitespace=True, min_length=1, max_length=_MAX_NOTE_LENGTH)
_LONG_LINES = StringConstraints(strip_whitespace=True, min_length=1, max_length=_MAX_LONG_NOTE_LENGTH)

# For the document, whose lengths count blanks: a text of blanks alone is none.
_NOT_BLANK = Field(json_schema_extra={"pattern": r"\S"})

Line = Annotated[str, _LINE, _NOT_BLANK, AfterValidator(_printable)]
Lines = Annotated[str, _LINES, _NOT_BLANK, AfterValidator(_printable_lines)]
LongLine = Annotated[str, _LONG_LINE, _NOT_BLANK, AfterValidator(_printable)]
LongLines = Annotated[str, _LONG_LINES, _NOT_BLANK, AfterValidator(_printable_lines)]
Code = Annotated[str, _LINE, _NOT_BLANK, AfterValidator(_plain)]  # somebody else's number for a thing
Label = Annotated[str, _LINE, _NOT_BLANK, AfterValidator(_printable), AfterValidator(_no_formula)]  # a name
Identifier = Annotated[Code, AfterValidator(_no_formula), AfterValidator(_addressable)]
# Any text that a stored one is compared with.
IndexedText = Annotated[str, StringConstraints(max_length=_MAX_INDEXED_BYTES), AfterValidator(_indexed)]
