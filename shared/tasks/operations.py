"""Operations of a tenant, and starting one: the operation and its outbox entry are written in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import NotFound
from shared.domain.operation import Counts, Operation, OperationStatus, Progress
from shared.firestore.page_positions import moment_and_id
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.tasks.outbox import OutboxEntry, add_to_outbox

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference


# A pending operation older than this has lost its task: it is not to hold up those that come after it.
_STARTS_WITHIN = dt.timedelta(minutes=10)


class Operations:
    """The operations of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("operations")

    def start(
        self,
        kind: str,
        function: str,
        path: str,
        *,
        created_by: str,
        now: dt.datetime,
        parameters: Mapping[str, Any] | None = None,
        coalesce: bool = False,
        operation_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> tuple[Operation, OutboxEntry | None]:
        """Write a pending operation together with the task that will work on it.

        `path` is the internal endpoint of `function` that does the work. With `coalesce`, an operation of this kind
        that is still waiting to start is returned instead, without an entry: it will see all that is written by now.
        With an `operation_id` that exists, that operation is returned: the step that starts it may run twice.
        With a `transaction` it is part of that one, which has not written anything yet.
        """
        operation = Operation(
            id=operation_id or uuid.uuid4().hex,
            kind=kind,
            status=OperationStatus.PENDING,
            created_at=now,
            created_by=created_by,
            parameters=dict(parameters or {}),
        )
        entry = OutboxEntry(
            id=operation.id,
            client_id=self._tenant.client_id,
            function=function,
            path=path,
            body={"client_id": self._tenant.client_id, "operation_id": operation.id},
            created_at=now,
        )

        def write(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
            if coalesce:
                waiting = (
                    self._collection.where(filter=FieldFilter("kind", "==", kind))
                    .where(filter=FieldFilter("status", "==", OperationStatus.PENDING.value))
                    .order_by("created_at", direction="DESCENDING")
                    .limit(1)
                )
                for found in waiting.stream():
                    pending = _from_document(found.to_dict())
                    if now - pending.created_at < _STARTS_WITHIN:
                        transaction.depend_on(found)  # still waiting when the caller's changes are committed
                        return pending, None
            if operation_id is not None:
                existing = read(self._reference(operation_id), transaction)
                if existing.exists:
                    return _from_document(existing.to_dict()), None
            transaction.create(self._reference(operation.id), _to_document(operation))
            add_to_outbox(transaction, self._tenant, entry)
            return operation, entry

        return self._tenant.transact(write) if transaction is None else write(transaction)

    def get(self, operation_id: str) -> Operation:
        """The operation; raises NotFound."""
        return self._existing(operation_id, None)

    def get_many(self, operation_ids: Iterable[str]) -> dict[str, Operation]:
        """Those of the operations that exist, by id; a read each."""
        references = [self._reference(operation_id) for operation_id in operation_ids]
        found = self._tenant.database.get_all(references) if references else ()
        return {one.id: one for one in (_from_document(each.to_dict()) for each in found if each.exists)}

    def page(
        self, size: int, position: str | None, kinds: tuple[str, ...] = (), status: OperationStatus | None = None
    ) -> tuple[list[Operation], str | None]:
        """Up to `size` operations, the newest first, and the position of the next page, None behind the last one.

        `position` is what the page before gave; raises Invalid for anything else.
        """
        query = self._collection.order_by("created_at", direction="DESCENDING")
        query = query.order_by("__name__", direction="DESCENDING")
        if kinds:
            query = query.where(filter=FieldFilter("kind", "in", list(kinds)))
        if status is not None:
            query = query.where(filter=FieldFilter("status", "==", status.value))
        if position is not None:
            query = query.start_after(self._cursor(position))
        found = [_from_document(one.to_dict()) for one in query.limit(size).stream()]
        return found, f"{found[-1].created_at.isoformat()} {found[-1].id}" if len(found) == size else None

    def _cursor(self, position: str) -> dict[str, Any]:
        moment, operation_id = moment_and_id(position)
        return {"created_at": moment, "__name__": self._reference(operation_id)}

    def change(self, operation_id: str, to: Any) -> Operation:
        """Replace the operation by `to(operation)` in a transaction; raises NotFound and what `to` raises."""

        def write(transaction: Transaction) -> Operation:
            changed: Operation = to(self._existing(operation_id, transaction))
            transaction.set(self._reference(operation_id), _to_document(changed))
            return changed

        return self._tenant.transact(write)

    def _existing(self, operation_id: str, transaction: Transaction | None) -> Operation:
        found = read(self._reference(operation_id), transaction)
        if not found.exists:
            raise NotFound("operation_not_found", f"no operation {operation_id!r}")
        return _from_document(found.to_dict())

    def _reference(self, operation_id: str) -> DocumentReference:
        return self._collection.document(document_key(operation_id))


def _to_document(operation: Operation) -> dict[str, Any]:
    return asdict(operation) | {"status": operation.status.value}


def _from_document(fields: Any) -> Operation:
    return Operation(
        **{
            **fields,
            "status": OperationStatus(fields["status"]),
            "progress": Progress(**fields["progress"]),
            "counts": Counts(**fields["counts"]) if fields["counts"] else None,
        }
    )
