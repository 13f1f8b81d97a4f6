"""An import that the caller waits for: every row is checked against every check, then written or refused."""

from __future__ import annotations

import datetime as dt
import io
from functools import partial
from typing import Any, cast

import polars as pl
import pytest

from shared.domain.access.audit import Actor
from shared.domain.access.principal import Role
from shared.domain.errors import Invalid
from shared.domain.imports.record_checks import duplicate_check, field_checks, first_row, length_check
from shared.domain.imports.record_fields import Field, FieldType
from shared.domain.imports.row_status import RowStatus
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.direct_import import DirectImport, DirectKind, ImportReport, WriteOutcome, import_directly
from shared.imports.import_options import ImportMode
from shared.imports.readers.csv import open_csv
from shared.imports.record_stream import stream_of

CODE = Field("code", required=True, identifier=True)
UNITS = Field("units", FieldType.DECIMAL, minimum=0)


class Shelf:
    """A kind of its own, with what it was asked to write."""

    def __init__(self) -> None:
        self.written: dict[str, int] = {}
        self.kind: DirectKind[dict[str, int]] = DirectKind(
            fields=(CODE, UNITS),
            key=("code",),
            complete=lambda _job, rows, _stored: rows.with_columns(first_row=first_row(("code",))),
            look_up=lambda _, rows: {"stored": 1} if "stored" in rows["code"] else {},
            checks=lambda stored: [*field_checks((CODE, UNITS)), length_check(CODE, 6), duplicate_check(("code",))],
            write=self._write,
        )

    def _write(self, job: DirectImport, accepted: pl.DataFrame, stored: dict[str, int]) -> WriteOutcome:
        if not job.dry_run:
            self.written = dict(accepted.select("code", "units").iter_rows())
        statuses = {
            row: RowStatus.UPDATED if code in stored else RowStatus.CREATED
            for row, code in accepted.select("row_number", "code").iter_rows()
        }
        return WriteOutcome(statuses)

    def imported(self, content: str, mode: ImportMode, *, dry_run: bool = False) -> ImportReport:
        nowhere = cast(Any, None)  # this kind reads and writes no database
        actor = Actor("buyer", Role.PROCUREMENT, dt.datetime(2024, 6, 3, tzinfo=dt.UTC))
        job = DirectImport("import", nowhere, nowhere, actor, mode, dry_run)
        source = open_csv(partial(io.BytesIO, content.encode()))
        return import_directly(
            self.kind, stream_of(source, NO_MAPPING, self.kind.fields, "UTC", keeps_records=False), job
        )


FILE = "code,units\na,1\nstored,2\na,3\n,-1\nlonely\ntoolong,x\n"


def test_valid_rows_are_written_and_every_row_is_reported() -> None:
    shelf = Shelf()

    report = shelf.imported(FILE, ImportMode.ACCEPT_VALID)

    assert shelf.written == {"a": 1, "stored": 2}
    assert vars(report.counts) == {"read": 6, "accepted": 2, "rejected": 4}
    assert report.rows.rows() == [(2, "a"), (3, "stored"), (4, "a"), (5, None), (6, None), (7, "toolong")]
    assert [report.status(row).value for row in report.rows["row_number"]] == [
        "created",
        "updated",
        *["rejected"] * 4,
    ]
    assert {row: [(reject.field, reject.code) for reject in rejects] for row, rejects in report.rejects.items()} == {
        4: [(None, "duplicate")],
        5: [("code", "required"), ("units", "negative")],
        6: [(None, "malformed_row")],
        7: [("units", "format"), ("code", "format")],
    }


def test_one_rejected_row_stops_all_and_each_reject_is_named() -> None:
    shelf = Shelf()

    with pytest.raises(Invalid) as refused:
        shelf.imported(FILE, ImportMode.ALL_OR_NOTHING)

    assert shelf.written == {}
    assert refused.value.code == "import_rejected"
    assert refused.value.detail == (
        "nothing was written: 4 of 6 rows were rejected with 6 errors; row 4: row 2 already gives this code. "
        "mode=accept_valid imports the other 2"
    )
    assert [error.pointer for error in refused.value.errors] == [
        "/rows/4",
        "/rows/5/code",
        "/rows/5/units",
        "/rows/6",
        "/rows/7/units",
        "/rows/7/code",
    ]


@pytest.mark.parametrize("mode", ImportMode)
def test_a_dry_run_reports_in_both_modes_and_writes_nothing(mode: ImportMode) -> None:
    shelf = Shelf()

    report = shelf.imported(FILE, mode, dry_run=True)

    assert report.status(2) is RowStatus.CREATED
    assert vars(report.counts) == {"read": 6, "accepted": 2, "rejected": 4}
    assert shelf.written == {}


def test_beyond_a_thousand_rejects_are_counted_only() -> None:
    content = "code,units\n" + ",0\n" * 1001

    with pytest.raises(Invalid, match="with 1001 errors; 1 more are not listed") as refused:
        Shelf().imported(content, ImportMode.ALL_OR_NOTHING)

    assert len(refused.value.errors) == 1000
