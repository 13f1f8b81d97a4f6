"""What an import rejected as a CSV file: each record's own columns, behind where it stood and why it was rejected.

Put right and without the first columns, the same rows can be imported.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.etl.schemas import Reject
from shared.domain.csv_cells import inert_text

_ABOUT = ("row_number", "check", "field", "reason")
_SLICE_ROWS = 2_000


def rejects_as_csv(rejects: Sequence[Reject]) -> Iterator[bytes]:
    """UTF-8 with a header; texts that a spreadsheet would run are neutralised. A record that lacks a column of others
    has an empty cell."""
    columns = list(dict.fromkeys(name for reject in rejects for name in reject.record))
    rows = iter([_ABOUT + tuple(inert_text(name) for name in columns), *_rows(rejects, columns)])
    while some := list(islice(rows, _SLICE_ROWS)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(some)
        yield text.getvalue().encode()


def _rows(rejects: Sequence[Reject], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for reject in rejects:
        about = (str(reject.row_number), reject.check, reject.field, reject.reason)
        yield tuple(_cell(value) for value in (*about, *(reject.record.get(name) for name in columns)))


def _cell(value: object) -> str:
    return "" if value is None else inert_text(str(value))
