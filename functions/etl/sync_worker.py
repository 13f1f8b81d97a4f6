"""One attempt at a sync: read the source and run its records, as those of a file are run.

Sales are read window by window. After each the state of the sync and the watermark of the source are written in one
transaction, so an attempt that is killed is gone on with at the window that it was in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any

from functions.etl.run_worker import Attempt, OpenSource, refuse_nothing_accepted, run_records, work_on_run
from functions.etl.syncing import SyncRequest, day_column
from shared.config import Config
from shared.connectors.connector import Connector, DayWindow, Extract
from shared.connectors.opening import connector_of
from shared.domain.dates import DateRange
from shared.domain.errors import StockcastError
from shared.domain.imports.data_source import Entity, EntityProgress, SourceProgress
from shared.domain.imports.import_errors import EmptyFile, MissingColumns, NothingAccepted
from shared.domain.imports.source_shrinkage import SourceEmpty, refuse_shrunken
from shared.domain.imports.sync_windows import days_to_read, windows
from shared.domain.operation import Counts, Operation, OperationStatus
from shared.firestore.data_sources import DataSources, SourceProgresses, SyncState, SyncStates
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.imports.column_mapping import parse_mapping
from shared.imports.import_options import Aggregate, ImportKind, ImportOptions, WriteMode
from shared.imports.kinds.sales import orphan_warnings
from shared.imports.run_kinds import run_kind
from shared.imports.window_results import joined
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, LeaseLostError, OperationCancelledError, OperationOutcome

_HEARTBEAT_S = 30.0  # a query may take longer than a lease before its first row comes


def work_on_sync(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """As run_worker.work_on_run."""
    return work_on_run(config, tenant, operation_id, clock, _options, _sync)


def _options(operation: Operation) -> ImportOptions:
    sync = SyncRequest.from_parameters(operation.parameters)
    mode = sync.mode or run_kind(sync.kind).modes[0]
    return ImportOptions(sync.kind, None, None, mode, sync.dry_run, accept_shrinkage=sync.accept_shrinkage)


def _sync(attempt: Attempt, options: ImportOptions) -> OperationOutcome:
    request = SyncRequest.from_parameters(attempt.operation.parameters)
    source = DataSources(attempt.tenant).get(request.source_id).value
    entity = source.entity(request.kind.value)
    aggregate = None if entity.aggregate is None else Aggregate(entity.aggregate)
    options = replace(options, mapping=entity.mapping_text(), aggregate=aggregate)
    attempt.reporter.step("connecting")
    connector = connector_of(attempt.config, attempt.tenant.client_id, source.source)
    sync = _Sync(attempt, request, options, entity, connector)
    try:
        with _lease_kept(attempt):
            if request.kind is ImportKind.SALES_HISTORY:
                return sync.by_windows()
            return sync.whole()
    finally:
        connector.close()


@dataclass(frozen=True)
class _Sync:
    attempt: Attempt
    request: SyncRequest
    options: ImportOptions
    entity: Entity
    connector: Connector

    def whole(self) -> OperationOutcome:
        """All that the source has, as one list."""
        extract, outcome = self._run(self.attempt, self.options, None)
        self._keep(lambda progress: replace(progress, columns=extract.columns))
        return outcome

    def by_windows(self) -> OperationOutcome:
        """The days to read, window by window, the oldest first."""
        state = self._state()
        found = windows(state.days)
        replaces = self.options.mode is WriteMode.REPLACE
        options = self.options
        if len(found) > 1 or not replaces:  # what the windows hold together is looked at, and not each of them
            options = replace(options, accept_shrinkage=True)
        if replaces and len(found) > 1 and not options.dry_run and not state.checked:
            state = self._checked(state, found, options)
        for number in range(state.done, len(found)):
            state = self._window(state, found, number, options)
        self.attempt.when_done.callback(self._forget)
        counts = Counts(state.read, state.read - state.rejected, state.rejected)
        if state.read == 0 and not self.options.accept_shrinkage:
            raise SourceEmpty(
                f"the source holds no sales from {state.days.first} to {state.days.last}; nothing was replaced. "
                "accept_shrinkage=true says that it is meant"
            )
        result = dict(state.result)
        if len(found) > 1:
            result["warnings"] = [*orphan_warnings(result["orphans"]), *result["warnings"]]
        return OperationOutcome(result, counts)

    def _window(self, state: SyncState, found: list[DateRange], number: int, options: ImportOptions) -> SyncState:
        window, label = found[number], f"window {number + 1} of {len(found)}: "
        report = _WindowReport(self, state, label if len(found) > 1 else "")
        attempt = replace(self.attempt, folder=self.attempt.folder / str(number))
        attempt.folder.mkdir()
        part = "" if len(found) == 1 else f"-{window.first}-{window.last}"
        extract, outcome = self._run(attempt, options, window, report, state.read, part)
        counts = outcome.counts or Counts(0, 0, 0)
        result = joined(state.result, outcome.result)
        done = replace(
            state,
            done=number + 1,
            result=result,
            read=state.read + counts.read,
            rejected=state.rejected + counts.rejected,
            plan=None,
        )
        today = self.attempt.client.today(self.attempt.operation.created_at)

        def moved(progress: EntityProgress) -> EntityProgress:
            progress = replace(progress, columns=extract.columns)
            if done.read == 0 and not self.options.accept_shrinkage:
                return progress  # nothing that it would be the mark of
            return progress.stored(window, today, from_start=state.from_start)

        self._keep(moved, done)
        return done

    def _checked(self, state: SyncState, found: list[DateRange], options: ImportOptions) -> SyncState:
        """Read all windows without writing, and refuse a source that has lost most of what they would replace."""
        now = before = 0
        for number, window in enumerate(found):
            attempt = replace(self.attempt, folder=self.attempt.folder / f"check-{number}")
            attempt.folder.mkdir()
            report = _WindowReport(self, state, f"checking window {number + 1} of {len(found)}: ")
            part = f"-{window.first}-{window.last}-check"
            _, outcome = self._run(attempt, replace(options, dry_run=True), window, report, 0, part)
            now += outcome.result["daily_records"]
            before += sum(outcome.result[name] for name in ("updated", "unchanged", "deleted"))
        if not self.options.accept_shrinkage:
            refuse_shrunken(now, before, f"daily records from {state.days.first} to {state.days.last}")
        checked = replace(state, checked=True)
        self._keep(lambda progress: progress, checked)
        return checked

    def _run(
        self,
        attempt: Attempt,
        options: ImportOptions,
        window: DateRange | None,
        report: _WindowReport | None = None,
        rows_before: int = 0,
        part: str = "",
    ) -> tuple[Extract, OperationOutcome]:
        """Read the entity and run its records; a failure says what has become of the source's columns."""
        kind = run_kind(options.kind)
        fields = kind.mapped_fields(options.aggregate)
        columns: Mapping[str, str] = {}
        try:
            extract = self.connector.extract(self.entity, self._days(window))
            columns = extract.columns
            source = OpenSource(
                extract.records.behind(rows_before),
                parse_mapping(options.mapping, fields),
                {"source_id": self.request.source_id},
            )
            outcome = run_records(attempt, options, source, progress=report, window=window, part=part)
        except EmptyFile as error:
            raise SourceEmpty(
                f"the source holds no {self.request.kind.value}; nothing was replaced. accept_shrinkage=true says that "
                "it is meant"
            ) from error
        except (MissingColumns, SourceEmpty, NothingAccepted) as error:
            detail = error.detail.replace("the file", "the source")
            raise type(error)(f"{detail}{self._changes(columns)}") from error
        if changes := self._changes(columns):
            refuse_nothing_accepted(outcome, options, changes)
        return extract, outcome

    def _days(self, window: DateRange | None) -> DayWindow | None:
        if window is None:
            return None
        return DayWindow(window, day_column(self.entity), self.attempt.client.timezone)

    def _changes(self, columns: Mapping[str, str]) -> str:
        """How the source's columns differ from those that the last run found."""
        before = self._progress().columns
        if not before or not columns:
            return ""
        gone = [f"{name!r} is gone" for name in before if name not in columns]
        new = [f"{name!r} ({kind}) is new" for name, kind in columns.items() if name not in before]
        other = [
            f"{name!r} was {before[name]}, and is {kind}"
            for name, kind in columns.items()
            if name in before and before[name] != kind
        ]
        return (
            f". Since the last run its columns have changed: {'; '.join([*gone, *other, *new])}"
            if gone + new + other
            else ""
        )

    def _state(self) -> SyncState:
        """That of an earlier attempt, or a new one: which days to read is decided once."""
        stored = SyncStates(self.attempt.tenant).find(self.attempt.operation.id)
        if stored is not None:
            return stored.value
        progress, request = self._progress(), self.request
        today = self.attempt.client.today(self.attempt.operation.created_at)
        days = days_to_read(today, progress.watermark, self.entity.overlap_days, request.start_date, request.end_date)
        from_start = request.start_date is None and progress.watermark is None
        state = SyncState(self.attempt.operation.id, days, from_start)
        self._keep(lambda progress: progress, state)
        return state

    def _progress(self) -> EntityProgress:
        found = SourceProgresses(self.attempt.tenant).of([self.request.source_id])[self.request.source_id]
        return found.of(self.request.kind.value)

    def keep_plan(self, state: SyncState) -> None:
        """Keep the state of the sync as it is now."""
        self._keep(lambda progress: progress, state)

    def _keep(self, change: Any, state: SyncState | None = None) -> None:
        """Write how far the source has come, and the state of the sync, unless another attempt has taken over.

        A dry run has come nowhere.
        """
        tenant, operation, kind = self.attempt.tenant, self.attempt.operation, self.request.kind.value
        progresses, states, operations = SourceProgresses(tenant), SyncStates(tenant), Operations(tenant)

        def write(transaction: Transaction) -> None:
            if operations.get(operation.id, transaction).attempt != operation.attempt:
                raise LeaseLostError(f"another attempt has taken over operation {operation.id}")
            stored = progresses.find(self.request.source_id, transaction)
            progress = SourceProgress(self.request.source_id) if stored is None else stored.value
            before = progress.of(kind)
            after = replace(before if self.request.dry_run else change(before), run_id=operation.id)
            progresses.put(transaction, progress.changed(kind, after))
            if state is not None:
                states.put(transaction, state)

        tenant.transact(write)

    def _forget(self) -> None:
        self.attempt.tenant.transact(
            lambda transaction: SyncStates(self.attempt.tenant).delete(transaction, self.attempt.operation.id)
        )


class _WindowReport:
    """The progress of one window, as the operation's: its counts with those of the windows before, its plan apart."""

    def __init__(self, sync: _Sync, state: SyncState, label: str) -> None:
        self._sync = sync
        self._state = state
        self._label = label

    @property
    def begun(self) -> bool:
        """Whether an earlier attempt at this window began to write."""
        return self._state.plan is not None

    def step(self, name: str, done: int = 0, total: int | None = None, counts: Counts | None = None) -> None:
        if counts is not None:
            read, rejected = counts.read + self._state.read, counts.rejected + self._state.rejected
            counts = Counts(read, read - rejected, rejected)
        self._sync.attempt.reporter.step(f"{self._label}{name}", done, total, counts)

    def checkpoint(self, plan: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._state.plan is None:
            self._state = replace(self._state, plan=plan)
            self._sync.keep_plan(self._state)
        return self._state.plan or plan


@contextmanager
def _lease_kept(attempt: Attempt) -> Iterator[None]:
    """Renew the lease now and then while the source makes us wait; whoever has lost it learns so at the next step."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_HEARTBEAT_S):
            with suppress(LeaseLostError, OperationCancelledError, StockcastError):
                attempt.reporter.renew()

    thread = threading.Thread(target=copy_context().run, args=(beat,), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
