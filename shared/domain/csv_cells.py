"""Text cells of CSV files that people open in a spreadsheet.

A spreadsheet runs a cell as a formula when its text starts with = + - or @ (or their full-width forms), whatever white
space and invisible characters are before it, and a leading tab, carriage return or line feed lets the next cell's text
slip in (OWASP, "CSV Injection"). A leading apostrophe makes it text. Only for texts: a negative number is to stay a
number.

What is exported is imported again, so the apostrophe comes off there: `active_texts` undoes `inert_texts`, whatever the
text. For that, a text that looks like one with an apostrophe gets another one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Means the same to Python and to polars: white space is spelt out where they differ.
_UNSEEN = (
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_RUN = rf"(?:{_UNSEEN}*[=+\-@＝＋－＠]|[\t\r\n])"
_GUARDED = re.compile(rf"^'*{_RUN}")


def inert_text(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return f"'{text}" if _GUARDED.match(text) else text


def inert_texts(column: pl.Expr) -> pl.Expr:
    """A column of texts as such cells; a null stays null."""
    return column.str.replace(f"^'*{_RUN}", "'${0}")


def reimported_texts(column: pl.Expr) -> pl.Expr:
    """A column of texts for a file whose cells have types, so that nothing in it runs, as an import is to read them."""
    return column.str.replace(f"^('+{_RUN})", "'${1}")


def active_texts(column: pl.Expr) -> pl.Expr:
    """A column of cells that one of the above has made, as the texts were before; a null stays null."""
    return column.str.replace(f"^'('*{_RUN})", "${1}")
