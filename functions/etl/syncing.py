"""Syncs: what a caller, or the daily run, asks to read from one of the client's sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.imports.data_source import Entity
from shared.domain.operation import OperationKind, OperationRequest
from shared.domain.outbox_entry import SYNC_PATH
from shared.imports.column_mapping import column_of, parse_mapping
from shared.imports.import_options import Aggregate, ImportKind, WriteMode
from shared.imports.run_kinds import run_kind


@dataclass(frozen=True)
class SyncRequest:
    """One kind of records to read from a source.

    The dates, both included, are of sales; None: from the watermark, to the client's today. A mode of None is the
    kind's first one.
    """

    kind: ImportKind
    source_id: str
    start_date: dt.date | None = None
    end_date: dt.date | None = None
    mode: WriteMode | None = None
    dry_run: bool = False
    accept_shrinkage: bool = False

    def to_parameters(self) -> dict[str, object]:
        """As the operation's parameters."""
        return {
            "kind": self.kind.value,
            "source_id": self.source_id,
            "start_date": self.start_date and self.start_date.isoformat(),
            "end_date": self.end_date and self.end_date.isoformat(),
            "mode": (self.mode or run_kind(self.kind).modes[0]).value,
            "dry_run": self.dry_run,
            "accept_shrinkage": self.accept_shrinkage,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> SyncRequest:
        """From an operation's parameters."""
        start, end = parameters["start_date"], parameters["end_date"]
        return cls(
            ImportKind(parameters["kind"]),
            parameters["source_id"],
            None if start is None else dt.date.fromisoformat(start),
            None if end is None else dt.date.fromisoformat(end),
            WriteMode(parameters["mode"]),
            parameters["dry_run"],
            parameters["accept_shrinkage"],
        )


def sync_kind(kind: ImportKind) -> OperationKind:
    """The kind of operation that syncs this kind of records."""
    return OperationKind(f"etl_sync.{kind.value}")


def sync_request(
    sync: SyncRequest, created_by: str, created_at: dt.datetime, operation_id: str | None = None
) -> OperationRequest:
    """The operation that does the sync; with an `operation_id` the same request may be made twice."""
    return OperationRequest(
        sync_kind(sync.kind), "etl", SYNC_PATH, created_by, created_at, sync.to_parameters(), operation_id
    )


def day_column(entity: Entity) -> Callable[[Sequence[str]], str | None]:
    """Which column of a source of sales has the day: the one that the sales will be read by (DayWindow)."""
    kind = run_kind(ImportKind.SALES_HISTORY)
    aggregate = None if entity.aggregate is None else Aggregate(entity.aggregate)
    bindings = parse_mapping(entity.mapping_text(), kind.mapped_fields(aggregate)).bindings

    def found(header: Sequence[str]) -> str | None:
        fields = kind.fields[aggregate or kind.aggregate_of(bindings, header)]
        return column_of("date_local", bindings, fields, header)

    return found
