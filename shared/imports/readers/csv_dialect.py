"""How a CSV file separates its cells, found from the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from shared.imports.readers.csv_records import csv_rows, split

DELIMITERS = ",;\t|"
_SAMPLED_LINES = 200
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)  # as Excel reads and writes it


@dataclass(frozen=True)
class CsvDialect:
    """`delimiter` separates cells; `skipped_lines` precede the header."""

    delimiter: str = ","
    skipped_lines: int = 0


def detect_dialect(lines: Iterable[str]) -> CsvDialect:
    """How the file is written whose first lines these are.

    What its `sep=` line says, else the separator that cuts most lines into as many cells as the header, and the header
    into more than one; of several the one that makes the most columns.
    """
    sample = list(islice(lines, _SAMPLED_LINES))
    if sample and (stated := _SEPARATOR_LINE.match(sample[0])):
        return CsvDialect(stated[1], 1)
    return CsvDialect(max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter)))


def given_dialect(lines: Iterable[str], delimiter: str) -> CsvDialect:
    """The file with this separator, after a `sep=` line if there is one."""
    first = next(iter(lines), "")
    return CsvDialect(delimiter, 1 if _SEPARATOR_LINE.match(first) else 0)


def _agreement(lines: list[str], delimiter: str) -> tuple[float, int]:
    """The share of the lines that agree with the header, and how many columns it has."""
    header = next((line for line in lines if line.strip()), "")
    width = len(split(header.strip(), delimiter))
    if width == 1:
        return 0.0, 1
    rows = [row for row in csv_rows(lines, delimiter, width, literal_quotes=True) if row.cells]
    return sum(len(row.cells) == len(rows[0].cells) for row in rows) / len(rows), width
