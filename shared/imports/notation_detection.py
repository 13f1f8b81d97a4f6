"""How a source writes numbers and dates, found over all of it, and what it leaves open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from shared.domain.imports.given_mapping import MappedColumn
from shared.domain.imports.given_notation import DateOrder, DecimalMark, GivenNotation
from shared.domain.imports.questions import Question, date_question, number_question
from shared.domain.imports.record_fields import Field, FieldType, Notations, raw_name
from shared.domain.imports.source_notation import SourceNotation
from shared.domain.imports.written_dates import DateEvidence
from shared.domain.imports.written_numbers import NumberEvidence, file_mark
from shared.imports.column_mapping import mapped
from shared.imports.readers.record_source import CellKind, RecordBatch, RecordSource
from shared.imports.record_stream import RecordStream
from shared.imports.spooled_source import spooled

_MAX_TEXT_BYTES = 100  # of a number or a date; longer texts are none


class _Evidence:
    """What the columns of numbers and dates say, by field."""

    def __init__(
        self, source: RecordSource, bound: Mapping[str, MappedColumn], fields: Sequence[Field], latest: dt.date
    ) -> None:
        self.columns = {
            field.name: binding.column
            for field in fields
            if (binding := bound.get(field.name)) is not None
            and binding.column is not None
            and binding.column not in source.typed
        }
        self._bound = bound
        self._fields = [field for field in fields if field.name in self.columns]
        self.numbers = {
            field.name: NumberEvidence(field.measure) for field in self._fields if field.type is FieldType.DECIMAL
        }
        self.dates = {field.name: DateEvidence(latest) for field in self._fields if field.type is FieldType.DATE_TIME}
        self._fields = [field for field in self._fields if field.name in self.numbers or field.name in self.dates]

    def __bool__(self) -> bool:
        return bool(self._fields)

    def add(self, batch: RecordBatch) -> None:
        raw = mapped(batch.columns, self._bound, self._fields)
        numbers = batch.cells.filter(pl.col("kind") == CellKind.NUMBER)
        for field in self._fields:
            texts = raw[raw_name(field)].str.strip_chars()
            if numbers.height:
                rows = numbers.filter(pl.col("column") == self.columns[field.name])["row_number"]
                texts = texts.filter(~batch.row_number.is_in(rows.implode()))
            texts = texts.filter((texts != "") & (texts.str.len_bytes() <= _MAX_TEXT_BYTES))
            evidence = self.numbers.get(field.name) or self.dates[field.name]
            evidence.add(texts)


def with_notation(
    stream: RecordStream, given: GivenNotation, today: dt.date, folder: Path | None = None
) -> RecordStream:
    """The stream that reads the source as it is written; raises UnusableFile.

    Everything is looked at once, in constant memory; into `folder`, if there is one, so that it is not read again from
    where it comes.
    """
    evidence = _Evidence(stream.source, stream.bound, stream.fields, today + dt.timedelta(days=1))
    if not evidence:
        return stream
    source = stream.source
    if folder is None or source.on_disk:
        for batch in source.batches():
            evidence.add(batch)
    else:
        source = spooled(source, folder, evidence.add)
    return replace(stream, source=source, notation=_told(evidence, given, _likely_mark(source)))


def _told(evidence: _Evidence, given: GivenNotation, likely_mark: DecimalMark | None) -> SourceNotation:
    questions: list[Question] = []
    numbers, dates = {}, {}
    common = given.decimal_mark or file_mark(evidence.numbers.values())
    likely_order = _likely_order(common or likely_mark)
    for name, number in evidence.numbers.items():
        mark = given.decimal_mark or number.mark or (common if number.counts.total() == 0 else None)
        if mark is None and number.has_marks:
            question = number_question(evidence.columns[name], number, likely_mark)
            questions.append(question)
            mark = "," if question.assumed == "," else "."
        numbers[name] = number.notation(mark or ".")
    for name, date in evidence.dates.items():
        possible = (given.date_order,) if given.date_order else date.possible
        if len(possible) > 1:
            question = date_question(evidence.columns[name], date, likely_order if likely_order in possible else None)
            questions.append(question)
            possible = tuple(order for order in possible if order == question.assumed)
        dates[name] = date.notation(possible[0])
    orders = {date.order for name, date in dates.items() if evidence.dates[name].counts}
    return SourceNotation(
        Notations(numbers, dates),
        tuple(questions),
        common,
        given.date_order or (orders.pop() if len(orders) == 1 and not questions else None),
    )


def _likely_mark(source: RecordSource) -> DecimalMark | None:
    """Where cells are separated by semicolons, the comma mostly is decimal."""
    return "," if source.layout.delimiter == ";" else None


def _likely_order(mark: DecimalMark | None) -> DateOrder | None:
    """Where the comma is decimal, the day mostly comes first."""
    return "DMY" if mark == "," else None
