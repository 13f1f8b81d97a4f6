"""A run: an import that a task works on, attempt by attempt, because its source may be large.

What the kinds of runs have in common is here: what a kind declares, the surroundings of an attempt, and its rejects.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import polars as pl

from shared.bigquery.tables import REJECTS
from shared.bigquery.warehouse import Warehouse
from shared.domain.access.client import Client
from shared.domain.dates import DateRange
from shared.domain.imports.import_errors import NothingAccepted
from shared.domain.imports.record_fields import Field
from shared.domain.imports.source_shrinkage import refuse_shrunken
from shared.domain.operation import Counts
from shared.firestore.tenant import Tenant
from shared.imports.column_finding import find_columns
from shared.imports.column_mapping import plain_mapping
from shared.imports.guarded_writes import Change
from shared.imports.import_options import Aggregate, ImportOptions, WriteMode
from shared.imports.intake import Intake
from shared.imports.record_stream import RecordStream
from shared.tasks.worker import OperationOutcome

Document = TypeVar("Document")

_TABLE_COLUMNS = {"check": "code", "reason": "message"}  # of etl_rejects, where they are not named as in REJECT_SCHEMA


class ProgressReport(Protocol):
    """Tells the operation how far it is; see shared.tasks.worker.Reporter."""

    def step(self, name: str, done: int = 0, total: int | None = None, counts: Counts | None = None) -> None: ...

    def checkpoint(self, plan: Mapping[str, Any]) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class ImportRun:
    """One attempt at one import.

    `source_report` says in the result where the records come from. `folder` is empty at first and goes with the
    attempt. `started_at` is when the operation was asked for, so that every attempt writes the same rows. `begun`: an
    earlier attempt passed every check and began to write.
    `part` tells one window of a sync from the others, `window` are its days: all that is stored of them is replaced, on
    a replacement, and not only between the first and the last record.
    `when_done` is run once the operation is recorded as finished: until then another attempt may need what it removes.
    """

    id: str
    options: ImportOptions
    client: Client
    tenant: Tenant
    warehouse: Warehouse
    stream: RecordStream
    source_report: Mapping[str, Any]
    folder: Path
    started_at: dt.datetime
    begun: bool
    progress: ProgressReport
    when_done: ExitStack
    part: str = ""
    window: DateRange | None = None

    @property
    def job_id(self) -> str:
        """What the ids of its jobs in BigQuery are made from: the same for every attempt."""
        return f"{self.id}{self.part}"

    @property
    def today(self) -> dt.date:
        """The client's business date."""
        return self.client.today(self.started_at)

    def about(self, intake: Intake) -> dict[str, Any]:
        """What the result of every kind says."""
        report = {
            **self.source_report,
            "mapping": plain_mapping(self.stream.bound),
            "mapping_source": self.options.mapping_source.value,
            "unclear_columns": {name: list(columns) for name, columns in self.stream.unclear.items()},
            "dry_run": self.options.dry_run,
            "rejected_by_check": dict(intake.rejected_by_check),
        }
        notation = self.stream.notation
        if "format" in report:
            written = {"decimal_mark": notation.decimal_mark, "date_order": notation.date_order}
            report["format"] = {**report["format"], **written}
        if self.options.dry_run:
            report["preview"] = intake.preview
            report["suggested_mapping"] = self.stream.suggested_mapping()
            report["questions"] = [question.to_report() for question in notation.questions]
        return report

    def keep_rejects(self, intake: Intake) -> None:
        """Load the rejects into etl_rejects, once per import, however often it is attempted; and report the counts."""
        self.progress.step("keeping rejects", counts=intake.counts)
        if not intake.rejects.rows:
            return
        path = self.folder / "rejects.parquet"
        rows = intake.rejects.scan().with_columns(
            client_id=pl.lit(self.tenant.client_id), run_id=pl.lit(self.id), date=pl.lit(self.started_at.date())
        )
        columns = [pl.col(_TABLE_COLUMNS.get(name, name)).alias(name) for name in REJECTS.column_names]
        rows.select(columns).sink_parquet(path)
        with path.open("rb") as parquet:
            self.warehouse.append(REJECTS, parquet, job_id=self.job_id)

    def refuse_shrunken(self, intake: Intake, now: int, before: int, what: str) -> None:
        """Raises SourceEmpty and SourceShrunken, unless the caller says that it is meant; and NothingAccepted for a
        source of which every record is rejected, which never is: a dry run shows what is wrong with them."""
        if intake.takes_nothing:
            if not self.options.dry_run:
                raise NothingAccepted.of(intake.counts.read, intake.rejected_by_check)
        elif not self.options.accept_shrinkage:
            refuse_shrunken(now, before, what)

    def write(
        self, result: dict[str, Any], changed: list[Document], put: Callable[[list[Document]], object]
    ) -> dict[str, Any]:
        """Put the documents that changed, unless this is a dry run.

        Returns the result to report: that of the first attempt that came this far, whose changes do not count again.
        """
        if self.options.dry_run:
            return result
        result = dict(self.progress.checkpoint(result))
        self.progress.step("writing", 0, len(changed))
        put(changed)
        return result


@dataclass(frozen=True)
class RunKind:
    """What a kind of runs declares.

    `fields` by how the records come; `modes`, the first of which is the default; `work` reads, checks and writes.
    `rebuilds_catalog`: the catalog reads what it writes in a rebuild only; `refreshes_catalog`: it does at all.
    """

    fields: Mapping[Aggregate, tuple[Field, ...]]
    modes: tuple[WriteMode, ...]
    work: Callable[[ImportRun], OperationOutcome]
    rebuilds_catalog: bool
    refreshes_catalog: bool = True

    def mapped_fields(self, aggregate: Aggregate | None) -> tuple[Field, ...]:
        """The fields that a mapping may name; without an `aggregate`, those of any."""
        if aggregate is not None:
            return self.fields[aggregate]
        return tuple({field.name: field for fields in self.fields.values() for field in fields}.values())

    def aggregate_of(self, mapping: Collection[str], header: Sequence[str]) -> Aggregate:
        """How the records of a source come that has these columns, `mapping` being the fields that are mapped.

        Records that name their invoice, or receipt, are its lines, unless a field is mapped that only a day has.
        """
        lines = self.fields.get(Aggregate.INVOICE_LINES)
        if lines is None or set(mapping) - {field.name for field in lines}:
            return Aggregate.NONE
        found = find_columns(lines, header)
        named = {*mapping, *found.columns, *found.unclear}
        return Aggregate.INVOICE_LINES if "invoice_no" in named else Aggregate.NONE


def upsert_report(run: ImportRun, intake: Intake, changes: Sequence[Change[Any, Any]]) -> dict[str, Any]:
    """The result of a kind of which every accepted record is one value."""
    inserted = sum(change.before is None for change in changes)
    return {
        **run.about(intake),
        "inserted": inserted,
        "updated": len(changes) - inserted,
        "unchanged": intake.counts.accepted - len(changes),
    }
