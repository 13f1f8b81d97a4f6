"""The front door of the imports that the caller waits for: a CSV file in, the answer out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import TypeVar, cast

from functions.suppliers.schemas import CsvImportForm, ImportAnswer, RowErrorView, StatusCounts, SupplierResult
from shared.domain.imports.given_notation import GivenNotation
from shared.domain.imports.import_errors import MissingColumns, UnusableFile
from shared.domain.imports.questions import refuse_open
from shared.domain.imports.record_checks import Reject
from shared.domain.imports.row_status import RowStatus
from shared.imports.column_finding import header_fit
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.direct_import import DirectImport, DirectKind, ImportReport, import_directly
from shared.imports.notation_detection import with_notation
from shared.imports.readers.csv import open_csv
from shared.imports.readers.file_reading import FileReading
from shared.imports.record_stream import RecordStream, stream_of

Stored = TypeVar("Stored")

MAX_ROWS = 100_000


def import_csv(kind: DirectKind[Stored], form: CsvImportForm, job: DirectImport) -> ImportAnswer:
    """Import the form's file. Raises Invalid, pointing into the form or at rows."""
    with closing(form.file):
        content = form.file.stream.read()
    reading = FileReading(form.encoding, form.delimiter)
    try:
        source = open_csv(partial(io.BytesIO, content), reading, header_fit(kind.fields, ()), MAX_ROWS)
        # No field is a time, which alone would depend on the zone.
        stream = stream_of(source, NO_MAPPING, kind.fields, "UTC", keeps_records=False)
        _refuse_unclear(stream)
        stream = with_notation(stream, GivenNotation(form.decimal_mark), job.actor.at.date())
        refuse_open(stream.notation.questions)
        report = import_directly(kind, stream, job)
    except UnusableFile as error:
        raise error if error.errors else error.at("form/file") from error
    return _answer(report, stream, job)


def _refuse_unclear(stream: RecordStream) -> None:
    """Raises MissingColumns for a field that several columns may be: what is written has to be what was meant."""
    for name, columns in stream.unclear.items():
        listed = ", ".join(repr(column[:80]) for column in columns)
        raise MissingColumns(f"the file has no column {name!r} that is clear: {listed} may be it; rename one to {name}")


def _answer(report: ImportReport, stream: RecordStream, job: DirectImport) -> ImportAnswer:
    names = ("row", *report.rows.columns[1:])
    results = [_result(names, row, report) for row in report.rows.iter_rows()]
    statuses = Counter(result["status"] for result in results)
    rebuild = report.outcome.rebuild
    columns = {name: binding.column for name, binding in stream.bound.items() if binding.column is not None}
    return ImportAnswer(
        dry_run=job.dry_run,
        counts=report.counts,
        statuses=StatusCounts(**{status.value: statuses[status] for status in RowStatus}),
        columns=columns,
        ignored_columns=[column for column in stream.source.header if column not in columns.values()],
        operation_id=rebuild.id if rebuild is not None else None,
        results=results,
    )


def _result(names: Sequence[str], row: Sequence[object], report: ImportReport) -> SupplierResult:
    """The result of a row of the report, with the texts of the kind's key: that of a condition has an item_id too."""
    number = cast(int, row[0])
    errors = [_error(reject) for reject in report.rejects.get(number, ())]
    return cast(
        SupplierResult,
        dict(zip(names, row, strict=True)) | {"status": report.status(number), "errors": errors},
    )


def _error(reject: Reject) -> RowErrorView:
    return {"field": reject.field, "code": reject.code, "detail": reject.message}
