"""The records of a source, batch by batch: each field read from its column, as text and as a typed value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from shared.domain.imports.exclusions import Exclusion
from shared.domain.imports.import_errors import EmptyFile
from shared.domain.imports.record_checks import UNREAD_FIELD, UNREAD_KIND
from shared.domain.imports.record_fields import Field, parse
from shared.imports.column_mapping import ColumnBinding, bind, mapped
from shared.imports.readers.record_source import CellKind, RecordBatch, RecordSource, as_records

_WITHOUT_VALUE = (CellKind.ERROR, CellKind.FORMULA)
# What a spreadsheet makes of an id such as MAR-1 or TRUE; who typed it cannot be known from what is left.
_NO_IDENTIFIER = (CellKind.DATE, CellKind.FLAG)


@dataclass(frozen=True)
class ParsedBatch:
    """`records` has row_number, per field its text (record_fields.raw_name) and its value, and record: the source's
    record as JSON, or null. `malformed` (REJECT_SCHEMA) are rows without fields."""

    records: pl.DataFrame
    malformed: pl.DataFrame

    @property
    def size(self) -> int:
        """How many records were read, the malformed ones included."""
        return self.records.height + self.malformed.height


@dataclass(frozen=True)
class RecordStream:
    """How to read the records of one source. `bound` says where each field comes from.

    Times with an offset become local to `timezone`. `keeps_records`: a reject is to show the source's whole record.
    `blanks` is what blank cells of a field stand for; `may_be_empty`: a source without a record is no error.
    `exclusions` are the records that are left out.
    """

    source: RecordSource
    bound: Mapping[str, ColumnBinding]
    fields: Sequence[Field]
    timezone: str
    keeps_records: bool = True
    blanks: Mapping[str, str] = field(default_factory=dict)
    may_be_empty: bool = False
    exclusions: Sequence[Exclusion] = ()

    def batches(self) -> Iterator[ParsedBatch]:
        """Every record once, in order; raises UnusableFile when the source breaks off or has no record."""
        size = 0
        for batch in self.source.batches():
            size += batch.size
            yield ParsedBatch(self._parsed(batch), batch.malformed)
        if size == 0 and not self.may_be_empty:
            raise EmptyFile("the file has a header and no rows: it holds no records")

    def whole(self) -> ParsedBatch:
        """All records as one batch, for a source that is small enough; raises what `batches` does."""
        batches = list(self.batches())
        records = pl.concat(batch.records for batch in batches)
        return ParsedBatch(records, pl.concat(batch.malformed for batch in batches))

    def _parsed(self, batch: RecordBatch) -> pl.DataFrame:
        record = as_records(batch.columns) if self.keeps_records else pl.lit(None, dtype=pl.String).alias("record")
        frame = mapped(batch.columns, self.bound, self.fields, self.blanks).with_columns(batch.row_number, record)
        return self._with_unread(parse(frame, tuple(self.fields), self.timezone), batch.cells)

    def _with_unread(self, records: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The records with UNREAD_FIELD and UNREAD_KIND: which field a cell of a spreadsheet gives no value for, and
        what it holds; null where all give one."""
        parts = [
            cells.filter(pl.col("column") == binding.column, pl.col("kind").is_in(list(kinds))).select(
                "row_number", pl.lit(field.name).alias(UNREAD_FIELD), pl.col("kind").alias(UNREAD_KIND)
            )
            for field in self.fields
            if (binding := self.bound.get(field.name)) is not None and binding.column is not None
            for kinds in ((*_WITHOUT_VALUE, *_NO_IDENTIFIER) if field.identifier else _WITHOUT_VALUE,)
        ]
        unread = pl.concat(parts).unique("row_number", keep="first", maintain_order=True)
        return records.join(unread, on="row_number", how="left", maintain_order="left")


def stream_of(
    source: RecordSource,
    mapping: Mapping[str, ColumnBinding],
    fields: Sequence[Field],
    timezone: str,
    *,
    keeps_records: bool = True,
    blanks: Mapping[str, str] | None = None,
    may_be_empty: bool = False,
    exclusions: Sequence[Exclusion] = (),
) -> RecordStream:
    """The source's records; fields that the mapping does not name are read from columns of their own name. Raises
    UnusableFile."""
    bound = bind(mapping, fields, source.header, blanks)
    return RecordStream(source, bound, fields, timezone, keeps_records, blanks or {}, may_be_empty, exclusions)
