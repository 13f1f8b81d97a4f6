"""The records of a CSV file, each with the line that it begins in: a stray quote costs its own line and no other.

A quote that is opened and not closed makes all that follows part of one cell, up to the next quote, perhaps thousands
of lines later. The standard library's reader cannot know that; who looks at the lines can: it breaks off, or what it
read does not fit the header, or it swallowed lines that are records themselves. Such a record is taken back, its first
line is read by itself, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_MOST_LINES = 1000  # of one record: an address has some, a swallowed file has all
# How many lines that look like records tell that a quote has swallowed them. With two columns a line of an address with
# one comma does too, though hardly three in a row.
_TELLING_LINES = {1: _MOST_LINES, 2: 3}


class Row(NamedTuple):
    """A record's cells, or why it has none; `cells` of such are what there is of it. A NamedTuple, for its speed."""

    cells: Sequence[str]
    problem: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it: such a row is no record."""
        return not (self.cells and (self.cells[0].strip() or any(cell.strip() for cell in self.cells)))


def csv_rows(lines: Iterable[str], delimiter: str, width: int) -> Iterator[Row]:
    """Every record of the lines, a blank line as one without cells.

    `width` is how many columns the header names. A line that quotes wrongly is read with its quotes as mere characters
    if that gives a record; else it is a row with a problem.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            row = Row(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            row = Row([], f"the row is no CSV: {error}")
        taken = feed.taken
        if row.problem is None and (len(taken) < 2 or not _is_swallowed(row.cells, taken, delimiter, width)):
            yield row
            continue
        if len(taken) > 1:
            row = Row([], f"a quote is opened and not closed: {taken[0].strip()[:80]!r}")
        feed.give_back()
        yield _by_itself(taken[0], delimiter, width, row.problem)


def split(line: str, delimiter: str) -> list[str]:
    """The cells of a line whose quotes are characters like others."""
    return line.rstrip("\r\n").split(delimiter)


def fits(cells: Sequence[str], width: int) -> bool:
    """Whether so many columns can have these cells; blank ones beyond the last column do no harm."""
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def _by_itself(line: str, delimiter: str, width: int, problem: str | None) -> Row:
    cells = split(line, delimiter)
    return Row(cells) if fits(cells, width) else Row(cells, problem)


def _is_swallowed(cells: Sequence[str], lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether a record of several lines is the work of a stray quote."""
    if len(lines) > _MOST_LINES or not fits(cells, width):
        return True
    inner = [split(line, delimiter) for line in lines[1:-1] if '"' not in line]
    inner = [line for line in inner if "".join(line).strip()]
    return len(inner) >= _TELLING_LINES.get(width, 1) and all(fits(line, width) for line in inner)


class _Feed:
    """Lines for a reader, which can be given back but for the first of those taken since `begin`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def begin(self) -> None:
        self.taken = []

    def give_back(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line
