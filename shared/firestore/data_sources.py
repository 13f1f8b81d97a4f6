"""A client's sources: `sources/{source_id}`, how far each has come in `source_progress/{source_id}`, and in
`sync_states/{operation_id}` how far a sync has come that reads window by window."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from shared.domain.dates import DateRange
from shared.domain.imports.data_source import EntityProgress, NamedSource, Source, SourceNotFound, SourceProgress
from shared.firestore.codec import Codec, date, json_text, text
from shared.firestore.repository import Documents, Repository
from shared.firestore.stored_models import stored_json
from shared.firestore.tenant import Tenant

_SOURCE: TypeAdapter[Any] = TypeAdapter(Source)


@dataclass(frozen=True)
class SyncState:
    """A sync of several windows: the days that it reads, how many windows are done, and what they came to.

    `from_start`: it reads a history from its start. `plan` is what the window that is being worked on will report, kept
    before it is written.
    """

    operation_id: str
    days: DateRange
    from_start: bool
    done: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    read: int = 0
    rejected: int = 0
    plan: Mapping[str, Any] | None = None
    checked: bool = False  # a replacement of several windows has passed the guard against shrinkage


class DataSources(Repository[NamedSource]):
    """The sources of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("sources"), _SOURCES, SourceNotFound)

    def count(self) -> int:
        """How many there are; not as part of a transaction."""
        return sum(1 for _ in self.collection.list_documents())


class SourceProgresses(Documents[SourceProgress]):
    """How far each source has come."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("source_progress"), _PROGRESSES)

    def of(self, source_ids: Iterable[str]) -> dict[str, SourceProgress]:
        """That of each of the sources; one read each."""
        listed = list(source_ids)
        stored = self.get_many(listed)
        return {source_id: stored.get(source_id, SourceProgress(source_id)) for source_id in listed}


class SyncStates(Documents[SyncState]):
    """How far syncs have come that are being worked on."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("sync_states"), _STATES)


def _encode_source(named: NamedSource) -> dict[str, Any]:
    # As one text: the names of columns and fields may be any.
    return {"source_id": named.source_id, "definition": named.source.model_dump_json(exclude_none=True)}


def _encode_progress(progress: SourceProgress) -> dict[str, Any]:
    entities = {
        kind: {"run_id": each.run_id, "watermark": text(each.watermark), "columns": json_text(dict(each.columns))}
        for kind, each in progress.entities.items()
    }
    return {"source_id": progress.source_id, "entities": entities}


def _decode_progress(fields: Any) -> SourceProgress:
    entities = {
        kind: EntityProgress(each["run_id"], date(each["watermark"]), json.loads(each["columns"]))
        for kind, each in fields["entities"].items()
    }
    return SourceProgress(fields["source_id"], entities)


def _encode_state(state: SyncState) -> dict[str, Any]:
    return {
        "operation_id": state.operation_id,
        "first": state.days.first.isoformat(),
        "last": state.days.last.isoformat(),
        "from_start": state.from_start,
        "done": state.done,
        "result": json_text(dict(state.result)),
        "read": state.read,
        "rejected": state.rejected,
        "plan": None if state.plan is None else json_text(dict(state.plan)),
        "checked": state.checked,
    }


def _decode_state(fields: Any) -> SyncState:
    return SyncState(
        fields["operation_id"],
        DateRange(dt.date.fromisoformat(fields["first"]), dt.date.fromisoformat(fields["last"])),
        fields["from_start"],
        fields["done"],
        json.loads(fields["result"]),
        fields["read"],
        fields["rejected"],
        None if fields["plan"] is None else json.loads(fields["plan"]),
        fields["checked"],
    )


_SOURCES = Codec[NamedSource](
    lambda named: named.source_id,
    _encode_source,
    lambda fields: NamedSource(fields["source_id"], stored_json(_SOURCE.validate_json, fields["definition"])),
)
_PROGRESSES = Codec[SourceProgress](lambda progress: progress.source_id, _encode_progress, _decode_progress)
_STATES = Codec[SyncState](lambda state: state.operation_id, _encode_state, _decode_state)
