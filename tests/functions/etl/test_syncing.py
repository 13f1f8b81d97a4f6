"""What is asked of a sync is kept in its operation until it is done."""

from __future__ import annotations

import datetime as dt

import pytest

from functions.etl.syncing import SyncRequest, day_column, sync_request
from shared.domain.imports.data_source import Entity
from shared.imports.import_options import ImportKind, WriteMode
from shared.imports.run_kinds import run_kind

NOW = dt.datetime(2026, 11, 28, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize("kind", ImportKind)
def test_what_is_not_said_is_the_default_of_the_kind(kind: ImportKind) -> None:
    started = sync_request(SyncRequest(kind, "erp"), "scheduler", NOW, "op-1")

    assert (started.kind, started.function, started.id) == (f"etl_sync.{kind.value}", "etl", "op-1")
    assert SyncRequest.from_parameters(started.parameters) == SyncRequest(kind, "erp", mode=run_kind(kind).modes[0])


def test_what_is_said_is_kept() -> None:
    sync = SyncRequest(
        ImportKind.SALES_HISTORY,
        "erp",
        dt.date(2026, 1, 1),
        dt.date(2026, 2, 1),
        WriteMode.REPLACE,
        dry_run=True,
        accept_shrinkage=True,
    )

    assert SyncRequest.from_parameters(sync_request(sync, "ann", NOW).parameters) == sync


@pytest.mark.parametrize(
    ("date_local", "header", "column"),
    [
        (None, ("sku", "date", "qty"), "date"),
        (None, ("artikelnummer", "Datum", "Menge"), "Datum"),
        (None, ("sku", "date_local", "date"), "date_local"),
        (None, ("sku", "qty"), None),
        ("booked", ("sku", "date", "booked"), "booked"),
        ({"column": "booked", "default": "2026-01-01"}, ("sku", "date", "booked"), "booked"),
        ({"constant": "2026-01-01"}, ("sku", "date"), None),
    ],
)
def test_the_day_is_read_from_the_column_that_a_file_would_have_it_in(
    date_local: object, header: tuple[str, ...], column: str | None
) -> None:
    mapping = {} if date_local is None else {"date_local": date_local}
    entity = Entity.model_validate({"table": "sales", "mapping": mapping})

    assert day_column(entity)(header) == column
