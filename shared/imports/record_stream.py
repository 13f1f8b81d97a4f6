"""A file's records, batch by batch, checked: every record read is either accepted or a reject with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.domain.imports.record_checks import REJECT_COLUMNS, Check, split
from shared.domain.imports.record_fields import Field, parse
from shared.imports.column_mapping import ColumnBinding, mapped
from shared.imports.readers.record_source import Batch, Source, UnreadableSource, as_records

Prepare = Callable[[pl.DataFrame], pl.DataFrame]


def _unchanged(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


@dataclass(frozen=True)
class CheckedBatch:
    """`accepted` has row_number, record (the source row as JSON) and a typed column per field; `rejects` the others."""

    read: int
    accepted: pl.DataFrame
    rejects: pl.DataFrame


@dataclass(frozen=True)
class RecordStream:
    """How to read one file's records: where each field comes from, and what is checked.

    `prepare` changes parsed records before they are checked.
    """

    source: Source
    bound: Mapping[str, ColumnBinding]
    fields: Sequence[Field]
    checks: Sequence[Check]
    timezone: str
    prepare: Prepare = _unchanged

    def batches(self) -> Iterator[CheckedBatch]:
        """Every record once, in the file's order; raises UnreadableSource when the file breaks off or has no record."""
        read = 0
        for batch in self.source.batches():
            read += batch.rows
            yield self._checked(batch)
        if read == 0:
            raise UnreadableSource("empty_file", "the file names columns, but holds no records")

    def _checked(self, batch: Batch) -> CheckedBatch:
        frame = mapped(batch.columns, self.bound, self.fields).with_columns(batch.row_number)
        frame = frame.with_columns(as_records(batch.columns))
        frame = self.prepare(parse(frame, tuple(self.fields), self.timezone))
        accepted, rejects = split(frame, self.checks)
        malformed = batch.malformed.with_columns(check=pl.lit("malformed"), field=pl.lit(None, dtype=pl.String))
        return CheckedBatch(batch.rows, accepted, pl.concat([rejects, malformed.select(REJECT_COLUMNS)]))
