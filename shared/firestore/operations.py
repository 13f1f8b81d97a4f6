"""Operations: `operations/{id}`, times as timestamps."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import SERVER_TIMESTAMP, FieldFilter

from shared.domain.operation import Counts, Operation, OperationFilter, OperationStatus, Progress, RunStep, StepName
from shared.domain.retention import OPERATIONS
from shared.firestore.codec import CHANGED_AT, Codec, by_identifier, from_identifiers, held
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentSnapshot

_DESCENDING = "DESCENDING"


class OperationDocuments(Documents[Operation]):
    """The operations of one tenant as they are kept; shared/tasks starts them and moves them on."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("operations"), _CODEC)

    def value(self, snapshot: DocumentSnapshot[Any]) -> Operation:
        return replace(super().value(snapshot), updated_at=snapshot.update_time)

    def last_pending(self, kind: str) -> DocumentSnapshot[Any] | None:
        """The document of the operation of this kind that was asked for last and has not started; one read."""
        query = (
            self.collection.where(filter=FieldFilter("kind", "==", kind))
            .where(filter=FieldFilter("status", "==", OperationStatus.PENDING.value))
            .order_by("created_at", direction=_DESCENDING)
            .limit(1)
        )
        return next(iter(query.stream()), None)

    def awaiting(self, refresh_id: str) -> list[str]:
        """The ids of the operations that await this refresh; one read each."""
        query = self.collection.where(filter=FieldFilter("awaits", "==", refresh_id))
        return [operation.id for operation in self.found_by(query) if not operation.finished]

    def newest(self, page: PageRequest, chosen: OperationFilter) -> Page[Operation]:
        """A page of the operations, the newest first; raises Invalid for a position that is none of them."""
        query = self.newest_first("created_at")
        if chosen.families:
            query = query.where(filter=FieldFilter("family", "in", chosen.families))
        if chosen.kinds:
            query = query.where(filter=FieldFilter("kind", "in", [kind.value for kind in chosen.kinds]))
        if chosen.statuses:
            query = query.where(filter=FieldFilter("status", "in", [status.value for status in chosen.statuses]))
        return self.page_of(query, page, *self.places_by("created_at"))


def _encode(operation: Operation) -> dict[str, Any]:
    fields = asdict(operation) | {
        "family": operation.family,
        "expires_at": operation.created_at + OPERATIONS,
        "status": operation.status.value,
        "parameters": by_identifier(operation.parameters),
        "result": None if operation.result is None else by_identifier(operation.result),
        "steps": [asdict(step) | {"name": step.name.value, "status": step.status.value} for step in operation.steps],
        CHANGED_AT: SERVER_TIMESTAMP,
    }
    del fields["updated_at"]
    return fields


def _decode(fields: Any) -> Operation:
    return Operation(
        **{
            **held(fields, Operation),
            "status": OperationStatus(fields["status"]),
            "parameters": from_identifiers(fields["parameters"]),
            "result": None if fields["result"] is None else from_identifiers(fields["result"]),
            "progress": Progress(**held(fields["progress"], Progress)),
            "counts": Counts(**held(fields["counts"], Counts)) if fields["counts"] else None,
            "steps": tuple(_step(step) for step in fields["steps"]),
        }
    )


def _step(fields: Any) -> RunStep:
    return RunStep(
        **{**held(fields, RunStep), "name": StepName(fields["name"]), "status": OperationStatus(fields["status"])}
    )


_CODEC = Codec[Operation](lambda operation: operation.id, _encode, _decode)
