"""The front door of the imports that the caller waits for: a CSV file in, the answer out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.row_status import RowStatus
from shared.imports.direct_import import DirectImport, DirectKind, ImportReport, import_directly
from shared.imports.readers.csv_template import open_template
from shared.imports.record_stream import stream_of


def import_csv(kind: DirectKind[Any], content: bytes, job: DirectImport) -> dict[str, Any]:
    """Import the file; returns the body of the answer. Raises Invalid, pointing into the form or at rows."""
    try:
        source = open_template(content, kind.fields)
        # No field is a time, which alone would depend on the zone.
        stream = stream_of(source, {}, kind.fields, "UTC", keeps_records=False)
        report = import_directly(kind, stream, job)
    except UnusableFile as error:
        raise error if error.errors else error.at("form/file") from error
    return _answer(report, job)


def _answer(report: ImportReport, job: DirectImport) -> dict[str, Any]:
    """Counts, and a result for each row in the order of the file."""
    names = ("row", *report.rows.columns[1:])
    results = [
        dict(zip(names, row, strict=True))
        | {
            "status": report.status(row[0]).value,
            "errors": [
                {"field": reject.field, "code": reject.code, "detail": reject.message}
                for reject in report.rejects.get(row[0], ())
            ],
        }
        for row in report.rows.iter_rows()
    ]
    statuses = Counter(result["status"] for result in results)
    rebuild = report.outcome.rebuild
    return {
        "dry_run": job.dry_run,
        "counts": vars(report.counts),
        "statuses": {status.value: statuses[status.value] for status in RowStatus},
        "operation_id": rebuild.id if rebuild is not None else None,
        "results": results,
    }
