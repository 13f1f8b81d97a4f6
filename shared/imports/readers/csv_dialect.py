"""How a CSV file separates its cells and where its header is, found from the file itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.domain.imports.import_errors import EmptyFile
from shared.imports.readers.csv_records import csv_rows, split
from shared.imports.readers.file_reading import HeaderFit
from shared.imports.readers.header import header_place

DELIMITERS = ",;\t|"
_SAMPLED_LINES = 200
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)  # as Excel reads and writes it


@dataclass(frozen=True)
class CsvDialect:
    """`delimiter` separates cells; `skipped_lines` precede the header, which stands in row `header_row` of what a
    spreadsheet shows: it hides a line that says the separator."""

    delimiter: str = ","
    skipped_lines: int = 0
    header_row: int = 1


def detect_dialect(
    lines: Iterable[str], fit: HeaderFit, delimiter: str | None = None, header_row: int | None = None
) -> CsvDialect:
    """How the file is written whose first lines these are, where it is not said.

    What its `sep=` line says; else the separator by which the header names the most columns that are known, then the
    one that cuts most lines into as many cells as the header, and the header into more than one; of several the one
    that makes the most columns. Raises UnusableFile for a `header_row` that is not there.
    """
    sample = list(islice(lines, max(_SAMPLED_LINES, header_row or 0)))
    hidden = 0
    if sample and (stated := _SEPARATOR_LINE.match(sample[0])):
        delimiter, hidden = delimiter or stated[1], 1
        sample = sample[1:]
    if header_row is not None and header_row > len(sample):
        raise EmptyFile(f"the file has no row {header_row} that could name the columns")

    def place(delimiter: str) -> int:
        return header_row - 1 if header_row is not None else header_place(_first_cells(sample, delimiter), fit)

    places = {mark: place(mark) for mark in ([delimiter] if delimiter else DELIMITERS)}
    best = max(places, key=lambda mark: _agreement(sample, places[mark], mark, fit))
    return CsvDialect(best, hidden + places[best], places[best] + 1)


def _first_cells(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The cells of the record that begins in each line."""
    return [_record(lines[start:], delimiter) for start in range(len(lines))]


def _record(lines: Sequence[str], delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return split(lines[0], delimiter)


def _agreement(sample: Sequence[str], place: int, delimiter: str, fit: HeaderFit) -> tuple[int, float, int]:
    """How many columns of the header are known, the share of the lines that agree with it, and how many it has.

    Lines above the header agree with none: else the commas of decimals would separate what is below a header.
    """
    lines = sample[place:]
    width = len(split(lines[0].strip(), delimiter)) if lines else 1
    if width == 1:
        return 0, 0.0, 1
    rows = [row for row in csv_rows(lines, delimiter, width) if row.cells]
    agreeing = sum(len(row.cells) == len(rows[0].cells) for row in rows)
    above = sum(bool(line.strip()) for line in sample[:place])
    return fit(rows[0].cells), agreeing / (above + len(rows)), width
