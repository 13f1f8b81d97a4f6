"""What every source of records delivers, a file of any format or a table: batches of text by column.

One set of rules then reads all of them (shared/domain/imports/record_fields.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import polars as pl

from shared.domain.imports.import_errors import EmptyFile, TooManyColumns, TooManyRows, TooMuchText
from shared.domain.imports.record_checks import MALFORMED, REJECT_SCHEMA
from shared.imports.readers.file_reading import NO_LAYOUT, SourceLayout

MAX_COLUMNS = 1000
MAX_ROWS = 10_000_000
# What a compressed file (Excel, Parquet) may inflate to. Real sales files inflate 2 to 15 times.
MAX_INFLATED_BYTES = 512 * 1024**2
MAX_INFLATION = 200
# What a cell of Excel itself holds. A record with a longer one is malformed, whatever the format.
MAX_CELL_LENGTH = 32_767
# A dictionary of Parquet and the shared strings of Excel say a text once for any number of cells, so what the cells
# hold is limited beside what the file inflates to. Counted in bytes of UTF-8, in characters where there are none.
MAX_TEXT_SIZE = 2 * 1024**3

_BATCH_ROWS = 50_000
_BATCH_CELLS = 1_000_000
BATCH_TEXT_SIZE = 16 * 1024**2  # as MAX_TEXT_SIZE; what a check copies of a batch is a few times that
_RECORD_TEXT_LENGTH = 300


class CellKind(StrEnum):
    """What a cell of a spreadsheet holds that its text alone does not tell."""

    DATE = "a date"
    FLAG = "TRUE or FALSE"
    ERROR = "an error"
    FORMULA = "a formula without a stored value"
    NUMBER = "a number"  # with decimals: its text has a point, whatever marks the texts beside it have


_CELL_SCHEMA = {"row_number": pl.Int64(), "column": pl.String(), "kind": pl.String()}


def no_cells() -> pl.DataFrame:
    """An empty frame of special cells: row_number, column, kind (CellKind)."""
    return pl.DataFrame(schema=_CELL_SCHEMA)


@dataclass(frozen=True)
class RecordBatch:
    """Some records of a source: `columns` holds text or null; `row_number` says where each record is in the source.

    Rows of a file with a header are numbered as a spreadsheet shows them (the header is row 1), other records from 1.
    `malformed` (REJECT_SCHEMA) are rows that do not fit the header. `cells` (as `no_cells`) are those of a CellKind.
    """

    row_number: pl.Series
    columns: pl.DataFrame
    malformed: pl.DataFrame
    cells: pl.DataFrame = field(default_factory=no_cells)

    @property
    def size(self) -> int:
        """How many records were read, the malformed ones included."""
        return len(self.row_number) + self.malformed.height


@dataclass(frozen=True)
class RecordSource:
    """Where records come from. `header` names the columns, each name once.

    `batches` reads the records from the first one each time it is called, and raises UnusableFile. `typed` columns held
    no texts: numbers, dates and flags are written in them as programs do. `on_disk`: they lie there, as batches.
    """

    header: tuple[str, ...]
    batches: Callable[[], Iterator[RecordBatch]]
    layout: SourceLayout = NO_LAYOUT
    typed: frozenset[str] = frozenset()
    on_disk: bool = False

    def behind(self, rows: int) -> RecordSource:
        """The same records, numbered as those that come behind so many others."""
        if rows == 0:
            return self
        return replace(
            self,
            batches=lambda: (replace(batch, row_number=batch.row_number + rows) for batch in self.batches()),
        )


def batch_rows(width: int) -> int:
    """How many rows of `width` cells a batch holds, so that memory does not grow with the file or its width."""
    return max(1, min(_BATCH_ROWS, _BATCH_CELLS // max(1, width)))


def column_names(cells: Sequence[str | None]) -> tuple[str, ...]:
    """A name for each column: trimmed, blank ones numbered, repeated ones numbered too; raises UnusableFile."""
    if not any((cell or "").strip() for cell in cells):
        raise EmptyFile("the file is empty: its first row must name the columns")
    if len(cells) > MAX_COLUMNS:
        raise TooManyColumns(f"the file has {len(cells)} columns, at most {MAX_COLUMNS} are read")
    longest = max(len(cell or "") for cell in cells)
    if longest > MAX_CELL_LENGTH:
        raise TooMuchText(f"the header has a name of {longest:,} characters, at most {MAX_CELL_LENGTH:,} are read")
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        name = candidate = (cell or "").strip() or f"column {number}"
        while candidate in taken:
            candidate = f"{name} ({number})"
            name = candidate
        taken.add(candidate)
        names.append(candidate)
    return tuple(names)


def check_row_count(rows: int, most: int = MAX_ROWS) -> None:
    """Raises UnusableFile when a source has more rows than one import takes."""
    if rows > most:
        raise TooManyRows(f"the file has more than {most:,} rows: split it")


def check_text_size(size: int) -> None:
    """Raises UnusableFile when the cells of a source, up to where it is read, hold more than one import takes."""
    if size > MAX_TEXT_SIZE:
        raise TooMuchText(
            f"the cells of the file hold {size:,} bytes of text and more, at most {MAX_TEXT_SIZE:,} are read: leave "
            "out columns of long texts, or split it"
        )


def long_cell_message(column: str, length: int) -> str:
    """Why a record with such a cell is malformed."""
    return f"the cell of {column[:80]!r} has {length:,} characters, at most {MAX_CELL_LENGTH:,} are read"


def as_records(columns: pl.DataFrame) -> pl.Series:
    """Each row as a JSON object of its source columns, long values cut: what a reject keeps of it."""
    cut = columns.select(pl.all().str.slice(0, _RECORD_TEXT_LENGTH))
    return cut.select(pl.struct(pl.all()).struct.json_encode().alias("record"))["record"]


def _longest(cells: Sequence[str | None]) -> int | None:
    """The place of the longest cell, where it is too long."""
    lengths = [len(cell or "") for cell in cells]
    return lengths.index(longest) if (longest := max(lengths)) > MAX_CELL_LENGTH else None


class BatchBuilder:
    """Collects rows of text into batches; a row that does not fit the header becomes malformed."""

    def __init__(self, header: tuple[str, ...]) -> None:
        self._header = header
        self._size = batch_rows(len(header))
        self._text_size = 0
        self._clear()

    def _clear(self) -> None:
        self._numbers: list[int] = []
        self._rows: list[Sequence[str | None]] = []
        self._malformed: list[tuple[int, None, str, str, str]] = []
        self._cells: list[tuple[int, str, CellKind]] = []
        self._batch_text_size = 0

    @property
    def full(self) -> bool:
        rows = len(self._rows) + len(self._malformed)
        return rows >= self._size or self._batch_text_size >= BATCH_TEXT_SIZE

    def add(self, number: int, cells: Sequence[str | None]) -> None:
        """Add the row; one with more or fewer cells than the header, or a cell too long, is malformed. Raises
        UnusableFile when all rows together hold too much text."""
        size = sum(map(len, filter(None, cells)))
        self._text_size += size
        check_text_size(self._text_size)
        if size > MAX_CELL_LENGTH and (place := _longest(cells)) is not None and place < len(self._header):
            message = long_cell_message(self._header[place], len(cells[place] or ""))
            self.add_malformed(number, message, cells)
        elif len(cells) == len(self._header):
            self._batch_text_size += size
            self._numbers.append(number)
            self._rows.append(cells)
        else:
            message = f"the row has {len(cells)} cells, the header has {len(self._header)}"
            self.add_malformed(number, message, cells)

    def add_kinds(self, number: int, kinds: Mapping[int, CellKind]) -> None:
        """Say which cells of the row, by their place in it, are of a special kind."""
        self._cells.extend((number, self._header[place], kind) for place, kind in kinds.items())

    def add_malformed(self, number: int, message: str, cells: Sequence[str | None]) -> None:
        """Add a row that cannot be read by column, with what there is of it."""
        kept = [cell if cell is None else cell[:_RECORD_TEXT_LENGTH] for cell in cells[: len(self._header) + 10]]
        record = json.dumps({"cells": kept}, ensure_ascii=False)
        self._batch_text_size += len(record)
        self._malformed.append((number, None, MALFORMED, message, record))

    def take(self) -> RecordBatch:
        """The rows added since the last time."""
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in self._header)
        batch = RecordBatch(
            pl.Series("row_number", self._numbers, dtype=pl.Int64),
            pl.DataFrame(
                {name: pl.Series(values, dtype=pl.String) for name, values in zip(self._header, columns, strict=True)}
            ),
            pl.DataFrame(self._malformed, schema=dict(REJECT_SCHEMA), orient="row"),
            pl.DataFrame(self._cells, schema=_CELL_SCHEMA, orient="row"),
        )
        self._clear()
        return batch
