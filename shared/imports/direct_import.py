"""A direct import: done while the caller waits, from a source that fits in memory, with a report on each row.

Each row is checked against every check, because a person who mends a file wants to know all that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import polars as pl

from shared.config import Config
from shared.domain.access.audit import Actor
from shared.domain.errors import FieldError
from shared.domain.imports.import_errors import ImportRejected
from shared.domain.imports.record_checks import MALFORMED, Check, Reject, check_records, rejects_by_row, total_check
from shared.domain.imports.record_fields import MAX_TEXT_LENGTH, Field, raw_name
from shared.domain.imports.row_status import RowStatus
from shared.domain.operation import Counts, Operation
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.import_options import ImportMode
from shared.imports.record_stream import RecordStream
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh
from shared.tasks.starting import delivered

Stored = TypeVar("Stored")

_LISTED_REJECTS = 1000
_MALFORMED_ROW = "malformed_row"  # what the API of direct imports calls MALFORMED


@dataclass(frozen=True)
class DirectImport:
    """One import: in whose name, and how. A repeated request has the same `id`."""

    id: str
    config: Config
    tenant: Tenant
    actor: Actor
    mode: ImportMode
    dry_run: bool


@dataclass(frozen=True)
class WriteOutcome:
    """What became of each accepted row, by its number, and the rebuild that shows it in the catalog, if one has to."""

    statuses: Mapping[int, RowStatus]
    rebuild: Operation | None = None


@dataclass(frozen=True)
class DirectKind(Generic[Stored]):
    """What a kind of direct imports declares.

    `key` names the fields that a row is shown by. `look_up` reads what is stored of the rows' keys, once for the
    `checks` and for `write`, which applies the accepted rows or, on a dry run, says what would become of them.
    `complete` fills in the keys that rows leave to us, and adds the columns in which the checks compare rows with each
    other and with what is stored.
    """

    fields: tuple[Field, ...]
    key: tuple[str, ...]
    complete: Callable[[DirectImport, pl.DataFrame, Stored], pl.DataFrame]
    look_up: Callable[[Tenant, pl.DataFrame], Stored]
    checks: Callable[[Stored], list[Check]]
    write: Callable[[DirectImport, pl.DataFrame, Stored], WriteOutcome]


@dataclass(frozen=True)
class ImportReport:
    """What became of each row. `rows` has row_number and the texts of the key; `outcome` is that of the accepted ones,
    `rejects` has all that is wrong with the others."""

    rows: pl.DataFrame
    accepted: pl.DataFrame
    rejects: Mapping[int, Sequence[Reject]]
    outcome: WriteOutcome = field(default=WriteOutcome({}))

    @property
    def counts(self) -> Counts:
        return Counts(self.rows.height, self.accepted.height, len(self.rejects))

    def status(self, row_number: int) -> RowStatus:
        """What became of the row."""
        return RowStatus.REJECTED if row_number in self.rejects else self.outcome.statuses[row_number]

    def refuse_rejected(self) -> None:
        """Raises Invalid when a row was rejected, naming each reject."""
        if not self.rejects:
            return
        rejects = [reject for _, of_row in sorted(self.rejects.items()) for reject in of_row]
        counts = self.counts
        beyond = f"; {len(rejects) - _LISTED_REJECTS} more are not listed" if len(rejects) > _LISTED_REJECTS else ""
        first = f"row {rejects[0].row_number}: {rejects[0].message}"
        raise ImportRejected(
            f"nothing was written: {counts.rejected} of {counts.read} rows were rejected with {len(rejects)} errors"
            f"{beyond}; {first}. mode=accept_valid imports the other {counts.accepted}",
            errors=[FieldError(_pointer(reject), reject.code, reject.message) for reject in rejects[:_LISTED_REJECTS]],
        )


def import_directly(kind: DirectKind[Stored], stream: RecordStream, job: DirectImport) -> ImportReport:
    """Check all records, write what is new or different, and say what became of each row.

    Raises UnusableFile, and Invalid with ALL_OR_NOTHING for a source with a rejected row.
    """
    batch = stream.whole()
    stored = kind.look_up(job.tenant, batch.records)
    rows = kind.complete(job, batch.records, stored)
    report = _checked(kind, rows, batch.malformed, [total_check(), *kind.checks(stored)])
    if job.mode is ImportMode.ALL_OR_NOTHING and not job.dry_run:
        report.refuse_rejected()
    return replace(report, outcome=kind.write(job, report.accepted, stored))


def write_before_rebuild(
    job: DirectImport,
    unfinished: UnfinishedImports,
    write: Callable[[], object],
    conclude: Callable[[Transaction], object] | None = None,
) -> Operation:
    """Do a `write` that takes many batches, then start the rebuild that brings it into the catalog.

    `conclude` joins the transaction that does. Until then `unfinished` holds a mark, so that an import which is killed
    in between is finished by the next one.
    """
    unfinished.begin(job.id)
    write()

    def finish(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        actor = job.actor
        started = queue_metrics_refresh(job.tenant, RefreshRequest(actor.user_id, actor.at, rebuild=True), transaction)
        unfinished.finish(transaction, job.id)
        if conclude is not None:
            conclude(transaction)
        return started

    return delivered(job.config, job.tenant.transact(finish))


def _checked(
    kind: DirectKind[Stored], rows: pl.DataFrame, malformed: pl.DataFrame, checks: Sequence[Check]
) -> ImportReport:
    accepted, failures = check_records(rows, checks)
    key = [field for field in kind.fields if field.name in kind.key]
    texts = [pl.col(raw_name(field)).str.slice(0, MAX_TEXT_LENGTH).alias(field.name) for field in key]
    shown = rows.select("row_number", *texts)
    return ImportReport(
        rows=pl.concat([shown, malformed.select("row_number")], how="diagonal").sort("row_number"),
        accepted=accepted,
        rejects=rejects_by_row(
            pl.concat([malformed, failures]).with_columns(pl.col("code").replace(MALFORMED, _MALFORMED_ROW))
        ),
    )


def _pointer(reject: Reject) -> str:
    return f"/rows/{reject.row_number}" if reject.field is None else f"/rows/{reject.row_number}/{reject.field}"
