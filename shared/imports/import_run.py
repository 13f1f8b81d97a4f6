"""What the imports of all kinds have in common: their surroundings, their rejects, and their outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from shared.bigquery.tables import REJECTS
from shared.bigquery.warehouse import Warehouse
from shared.domain.access.client import Client
from shared.domain.operation import Counts
from shared.firestore.tenant import Tenant
from shared.imports.column_mapping import ColumnBinding
from shared.imports.import_request import ImportRequest
from shared.imports.intake import Intake
from shared.imports.readers.record_source import Source


class Progress(Protocol):
    """Tells the operation how far it is; see shared.tasks.worker.Reporter."""

    def step(self, name: str, done: int = 0, total: int | None = None, counts: Counts | None = None) -> None: ...

    def checkpoint(self, plan: Mapping[str, Any]) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class ImportRun:
    """One attempt at one import.

    `folder` is empty at first and goes with the attempt. `started_at` is when the operation was asked for, so that
    every attempt writes the same rows. `begun`: an earlier attempt passed every check and began to write.
    `when_done` is run once the operation is recorded as finished: until then another attempt may need what it removes.
    """

    id: str
    request: ImportRequest
    client: Client
    tenant: Tenant
    warehouse: Warehouse
    source: Source
    bound: Mapping[str, ColumnBinding]
    folder: Path
    started_at: dt.datetime
    begun: bool
    progress: Progress
    when_done: ExitStack

    @property
    def today(self) -> dt.date:
        """The client's business date."""
        return self.client.today(self.started_at)

    def about(self, intake: Intake) -> dict[str, Any]:
        """What every import's result says about its file."""
        encoding = {"encoding": self.source.encoding} if self.source.encoding else {}
        return {
            "file_name": self.request.file_name,
            "format": self.request.source_format.value,
            **encoding,
            "dry_run": self.request.dry_run,
            "rejected_by_check": dict(intake.rejected_by_check),
        }


def keep_rejects(run: ImportRun, intake: Intake) -> None:
    """Load the rejects into etl_rejects, once per import, however often it is attempted; and tell the counts."""
    run.progress.step("keeping rejects", counts=intake.counts)
    if not intake.rejects.rows:
        return
    path = run.folder / "rejects.parquet"
    rows = intake.rejects.scan().with_columns(
        client_id=pl.lit(run.tenant.client_id), run_id=pl.lit(run.id), date=pl.lit(run.started_at.date())
    )
    rows.select(REJECTS.column_names).sink_parquet(path)
    with path.open("rb") as parquet:
        run.warehouse.append(REJECTS, parquet, job_id=run.id)
