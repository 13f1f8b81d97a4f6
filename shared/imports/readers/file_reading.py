"""How a file is laid out: what the caller says of it, and what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# How many columns of the import a row names, for one that may be the header.
HeaderFit = Callable[[Sequence[str | None]], int]


@dataclass(frozen=True)
class FileReading:
    """None: it is found. `encoding` is a name that Python knows; `header_row` is counted as a spreadsheet does, from 1;
    `sheet` is the name of one, or its number."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None


FOUND = FileReading()


@dataclass(frozen=True)
class SourceLayout:
    """How a file is laid out; None: its format has no such thing."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None


NO_LAYOUT = SourceLayout()


def no_names(_: Sequence[str | None]) -> int:
    """The fit of a header of which no name is known."""
    return 0
