"""Text cells of CSV files that people open in a spreadsheet.

A spreadsheet runs a cell as a formula when its text starts with = + - or @ (or their full-width forms), whatever white
space is before it, and a leading tab, carriage return or line feed lets the next cell's text slip in (OWASP, "CSV
Injection"). A leading apostrophe makes it text. Only for texts: a negative number is to stay a number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Means the same to Python and to polars: white space is spelt out where they differ.
_RUN = r"^(?:[\s\x1c-\x1f]*[=+\-@＝＋－＠]|[\t\r\n])"
_PATTERN = re.compile(_RUN)


def inert_text(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return f"'{text}" if _PATTERN.match(text) else text


def inert_texts(column: pl.Expr) -> pl.Expr:
    """A column of texts as such cells; a null stays null."""
    return column.str.replace(_RUN, "'${0}")
