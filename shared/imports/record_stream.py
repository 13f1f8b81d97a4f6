"""The records of a source, batch by batch: each field read from its column, as text and as a typed value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from shared.domain.imports.exclusions import Exclusion
from shared.domain.imports.given_mapping import MappedColumn
from shared.domain.imports.import_errors import EmptyFile
from shared.domain.imports.questions import Question
from shared.domain.imports.record_checks import UNREAD_FIELD, UNREAD_KIND
from shared.domain.imports.record_fields import Field, parse, raw_name
from shared.domain.imports.source_notation import AS_PROGRAMS_WRITE, SourceNotation
from shared.domain.imports.total_rows import TotalRows
from shared.imports.column_mapping import ColumnMapping, bind, mapped, suggested, unclear_columns
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
    `notation`: how the source writes numbers and dates.
    """

    source: RecordSource
    bound: Mapping[str, MappedColumn]
    fields: Sequence[Field]
    timezone: str
    keeps_records: bool = True
    blanks: Mapping[str, str] = field(default_factory=dict)
    may_be_empty: bool = False
    exclusions: Sequence[Exclusion] = ()
    notation: SourceNotation = AS_PROGRAMS_WRITE

    @property
    def unclear(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that are read from no column, because several may be meant."""
        return unclear_columns(self.bound, self.fields, self.source.header)

    def suggested_mapping(self) -> dict[str, Any]:
        """The mapping that is used, with columns that may be meant for the other fields."""
        return suggested(self.bound, self.fields, self.source.header)

    def asking(self, questions: tuple[Question, ...]) -> RecordStream:
        """The stream with these questions before its own."""
        return replace(self, notation=replace(self.notation, questions=questions + self.notation.questions))

    def batches(self) -> Iterator[ParsedBatch]:
        """Every record once, in order; raises UnusableFile when the source breaks off or has no record."""
        size, totals = 0, TotalRows(self.fields)
        for batch in self.source.batches():
            size += batch.size
            yield ParsedBatch(totals.marked(self._parsed(batch), batch.columns), batch.malformed)
        if size == 0 and not self.may_be_empty:
            raise EmptyFile("the file has a header and no rows: it holds no records; fill in a row for each")

    def whole(self) -> ParsedBatch:
        """All records as one batch, for a source that is small enough; raises what `batches` does."""
        batches = list(self.batches())
        records = pl.concat(batch.records for batch in batches)
        return ParsedBatch(records, pl.concat(batch.malformed for batch in batches))

    def _parsed(self, batch: RecordBatch) -> pl.DataFrame:
        record = as_records(batch.columns) if self.keeps_records else pl.lit(None, dtype=pl.String).alias("record")
        frame = mapped(batch.columns, self.bound, self.fields, self.blanks).with_columns(batch.row_number, record)
        frame = self._with_typed_numbers(_with_time(frame, self.bound), batch.cells)
        return self._with_unread(parse(frame, tuple(self.fields), self.timezone, self.notation.by_field), batch.cells)

    def _with_typed_numbers(self, frame: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The texts, with the comma of their column in those that a spreadsheet holds as numbers."""
        numbers = cells.filter(pl.col("kind") == CellKind.NUMBER)
        if numbers.is_empty():
            return frame
        for target in self.fields:
            notation = self.notation.by_field.numbers.get(target.name)
            if notation is not None and notation.mark == ",":
                rows = numbers.filter(pl.col("column") == self.bound[target.name].column)["row_number"]
                text, is_typed = pl.col(raw_name(target)), pl.col("row_number").is_in(rows.implode())
                with_comma = text.str.replace(".", ",", literal=True)
                frame = frame.with_columns(pl.when(is_typed).then(with_comma).otherwise(text))
        return frame

    def _with_unread(self, records: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The records with UNREAD_FIELD and UNREAD_KIND: which field a cell of a spreadsheet gives no value for, and
        what it holds; null where all give one."""
        parts = [
            cells.filter(pl.col("column") == (binding.column or ""), pl.col("kind").is_in(list(kinds))).select(
                "row_number", pl.lit(field.name).alias(UNREAD_FIELD), pl.col("kind").alias(UNREAD_KIND)
            )
            for field in self.fields
            if (binding := self.bound.get(field.name)) is not None and binding.column is not None
            for kinds in ((*_WITHOUT_VALUE, *_NO_IDENTIFIER) if field.identifier else _WITHOUT_VALUE,)
        ]
        unread = pl.concat(parts).unique("row_number", keep="first", maintain_order=True)
        return records.join(unread, on="row_number", how="left", maintain_order="left")


def _with_time(frame: pl.DataFrame, bound: Mapping[str, MappedColumn]) -> pl.DataFrame:
    """The texts, with the time of day behind the day where it has a column of its own."""
    if "time" not in bound or "raw_date_local" not in frame.columns:
        return frame
    day = pl.col("raw_date_local").str.replace(r"[T ]00:00(:00)?$", "")
    time = pl.col("raw_time").str.strip_chars().replace("", None)
    return frame.with_columns(raw_date_local=pl.when(time.is_null()).then("raw_date_local").otherwise(day + " " + time))


def stream_of(
    source: RecordSource,
    mapping: ColumnMapping,
    fields: Sequence[Field],
    timezone: str,
    *,
    keeps_records: bool = True,
    blanks: Mapping[str, str] | None = None,
    may_be_empty: bool = False,
) -> RecordStream:
    """The source's records; fields that the mapping does not name are read from columns of their own name. Raises
    UnusableFile."""
    bound = bind(mapping.bindings, fields, source.header, blanks)
    return RecordStream(source, bound, fields, timezone, keeps_records, blanks or {}, may_be_empty, mapping.exclusions)
