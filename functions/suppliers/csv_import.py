"""The front door of the imports that the caller waits for: a CSV file in, the answer out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar, cast

from functions.suppliers.schemas import ImportAnswer, RowErrorView, StatusCounts, SupplierResult
from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.record_checks import Reject
from shared.domain.imports.row_status import RowStatus
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.direct_import import DirectImport, DirectKind, ImportReport, import_directly
from shared.imports.readers.csv_template import open_template
from shared.imports.record_stream import stream_of

Stored = TypeVar("Stored")


def import_csv(kind: DirectKind[Stored], content: bytes, job: DirectImport) -> ImportAnswer:
    """Import the file. Raises Invalid, pointing into the form or at rows."""
    try:
        source = open_template(content, kind.fields)
        # No field is a time, which alone would depend on the zone.
        stream = stream_of(source, NO_MAPPING, kind.fields, "UTC", keeps_records=False)
        report = import_directly(kind, stream, job)
    except UnusableFile as error:
        raise error if error.errors else error.at("form/file") from error
    return _answer(report, job)


def _answer(report: ImportReport, job: DirectImport) -> ImportAnswer:
    names = ("row", *report.rows.columns[1:])
    results = [_result(names, row, report) for row in report.rows.iter_rows()]
    statuses = Counter(result["status"] for result in results)
    rebuild = report.outcome.rebuild
    return ImportAnswer(
        dry_run=job.dry_run,
        counts=report.counts,
        statuses=StatusCounts(**{status.value: statuses[status] for status in RowStatus}),
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
