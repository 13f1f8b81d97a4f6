"""What is asked of a sync is kept in its operation until it is done."""

from __future__ import annotations

import datetime as dt

import pytest

from functions.etl.syncing import SyncRequest, sync_request
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
