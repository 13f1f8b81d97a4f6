"""One attempt at a run, as Cloud Tasks asks for it, wherever its records come from.

It may be killed anywhere and is run again with the same result. Who brings the records opens them (import_worker.py,
sync_worker.py); what becomes of them is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from functions.etl.showing import RefreshNeed, refresh_need
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.dates import DateRange
from shared.domain.imports.given_notation import FOUND, GivenNotation
from shared.domain.imports.import_errors import NothingAccepted
from shared.domain.imports.questions import Question, refuse_open
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.imports.column_mapping import ColumnMapping
from shared.imports.import_options import ImportOptions
from shared.imports.import_run import ImportRun, ProgressReport
from shared.imports.notation_detection import with_notation
from shared.imports.readers.record_source import RecordSource
from shared.imports.record_stream import stream_of
from shared.imports.run_kinds import run_kind
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import RefreshRequest
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, OperationOutcome, Reporter, run


@dataclass(frozen=True)
class Attempt:
    """One attempt at the run of an operation. `folder` is empty at first and goes with the attempt; `when_done` is run
    once all is stored."""

    config: Config
    tenant: Tenant
    client: Client
    operation: Operation
    reporter: Reporter
    folder: Path
    when_done: ExitStack


@dataclass(frozen=True)
class OpenSource:
    """Records that can be read, how to map them, and what the result says of where they come from.

    `notation` is how they are said to be written. `questions` came up when they were opened.
    """

    records: RecordSource
    mapping: ColumnMapping
    report: Mapping[str, Any]
    notation: GivenNotation = FOUND
    questions: tuple[Question, ...] = ()


class WindowProgress(ProgressReport, Protocol):
    """The progress of one window of a sync."""

    @property
    def begun(self) -> bool:
        """Whether an earlier attempt began to write."""


def work_on_run(
    config: Config,
    tenant: Tenant,
    operation_id: str,
    clock: Clock,
    options_of: Callable[[Operation], ImportOptions],
    work: Callable[[Attempt, ImportOptions], OperationOutcome],
) -> OperationStatus:
    """Claim the run, do `work`, record the outcome; returns its status: running until lists show what it changed.

    Raises what shared.tasks.worker.run raises. What an attempt leaves behind (the staging table) is removed only once
    all is stored.
    """
    when_done = ExitStack()

    def attempt(operation: Operation, reporter: Reporter) -> OperationOutcome | None:
        options = options_of(operation)
        with TemporaryDirectory(prefix="run-") as folder:
            client = Clients(tenant.database).get(tenant.client_id)
            outcome = work(Attempt(config, tenant, client, operation, reporter, Path(folder), when_done), options)
        refuse_nothing_accepted(outcome, options)
        need = refresh_need(options.kind, outcome.result)
        if options.dry_run or need is RefreshNeed.NONE or operation.parent is not None:
            return outcome  # a step of a run is shown by the run, with those beside it
        request = RefreshRequest(operation.created_by, clock(), need is RefreshNeed.REBUILD)
        deliver(config, reporter.await_refresh(request, outcome))
        return None

    status = run(Operations(tenant), operation_id, attempt, clock)
    when_done.close()
    return status


def run_records(
    attempt: Attempt,
    options: ImportOptions,
    source: OpenSource,
    *,
    progress: WindowProgress | None = None,
    window: DateRange | None = None,
    part: str = "",
) -> OperationOutcome:
    """Read, check and write the source's records, by the rules of their kind; of a sync by windows, those of one.

    Raises UnusableFile for one that leaves a question open, which a dry run asks.
    """
    kind = run_kind(options.kind)
    aggregate = options.aggregate or kind.aggregate_of(source.mapping.bindings, source.records.header)
    options, fields = replace(options, aggregate=aggregate), kind.fields[aggregate]
    attempt.reporter.step("looking through")
    stream = stream_of(
        source.records,
        source.mapping,
        fields,
        attempt.client.timezone,
        blanks=options.blanks,
        may_be_empty=options.accept_shrinkage,
    )
    today = attempt.client.today(attempt.operation.created_at)
    stream = with_notation(stream, source.notation, today, attempt.folder / f"source{part}").asking(source.questions)
    if not options.dry_run:
        refuse_open(stream.notation.questions)
    return kind.work(
        ImportRun(
            id=attempt.operation.id,
            options=options,
            client=attempt.client,
            tenant=attempt.tenant,
            warehouse=Warehouse(attempt.config, attempt.tenant.client_id),
            stream=stream,
            source_report=source.report,
            folder=attempt.folder,
            started_at=attempt.operation.created_at,
            begun=attempt.operation.result is not None if progress is None else progress.begun,
            progress=attempt.reporter if progress is None else progress,
            when_done=attempt.when_done,
            part=part,
            window=window,
        )
    )


def refuse_nothing_accepted(outcome: OperationOutcome, options: ImportOptions, changes: str = "") -> None:
    """Raises NothingAccepted where every record was rejected; `changes` is what may explain it."""
    counts = outcome.counts
    if counts is not None and counts.read > 0 and counts.accepted == 0 and not options.dry_run:
        raise NothingAccepted.of(counts.read, outcome.result["rejected_by_check"], changes)
