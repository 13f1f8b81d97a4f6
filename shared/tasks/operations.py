"""Operations of a tenant, and starting one: the operation and its outbox entry are written in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.config import config
from shared.domain.operation import Operation, OperationFilter, OperationNotFound, OperationRequest
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.operations import OperationDocuments
from shared.firestore.outbox import Outbox
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.tasks.announcing import announce_end
from shared.tasks.delivery import deliver

if TYPE_CHECKING:
    from google.cloud.firestore import Client

# A pending operation older than this has lost its task: it is not to hold up those that come after it.
_STARTS_WITHIN = dt.timedelta(minutes=10)

_ALL = OperationFilter()


class Operations:
    """The operations of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._documents = OperationDocuments(tenant)

    def start(
        self, request: OperationRequest, *, coalesce: bool = False, transaction: Transaction | None = None
    ) -> tuple[Operation, OutboxEntry | None]:
        """Write a pending operation together with the task that will work on it.

        With `coalesce`, an operation of this kind that is still waiting to start is returned instead, without an entry:
        it will see all that is written by now. A request whose id exists gets that operation: the step that starts it
        may run twice. With a `transaction` it is part of that one, which has not written anything yet.
        """
        operation = request.operation(uuid.uuid4().hex)
        entry = self.task_of(operation, operation.id, request.created_at)

        def write(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
            if coalesce:
                waiting = self._documents.last_pending(request.kind)
                pending = None if waiting is None else self._documents.value(waiting)
                if (
                    waiting is not None
                    and pending is not None
                    and request.created_at - pending.created_at < _STARTS_WITHIN
                ):
                    transaction.depend_on(waiting)  # still waiting when the caller's changes are committed
                    return pending, None
            if request.id is not None:
                existing = self._documents.find(request.id, transaction)
                if existing is not None:
                    return existing.value, None
            self._documents.create(transaction, operation)
            Outbox(self.tenant).add(transaction, entry)
            return operation, entry

        return self.tenant.transact(write) if transaction is None else write(transaction)

    def get(self, operation_id: str, transaction: Transaction | None = None) -> Operation:
        """The operation; raises NotFound."""
        stored = self._documents.find(operation_id, transaction)
        if stored is None:
            raise OperationNotFound(operation_id)
        return stored.value

    def get_many(self, operation_ids: Iterable[str]) -> dict[str, Operation]:
        """Those of the operations that exist, by id; a read each."""
        return self._documents.get_many(operation_ids)

    def page(self, page: PageRequest, chosen: OperationFilter = _ALL) -> Page[Operation]:
        """A page of the operations, the newest first; raises Invalid for a position that is none of them."""
        return self._documents.newest(page, chosen)

    def find(self, operation_id: str, transaction: Transaction | None = None) -> Operation | None:
        """The operation, or None where there is none."""
        stored = self._documents.find(operation_id, transaction)
        return None if stored is None else stored.value

    def change(self, operation_id: str, to: Callable[[Operation], Operation]) -> Operation:
        """Replace the operation by `to(operation)` in a transaction; raises NotFound and what `to` raises.

        The end of a step is told to its run.
        """

        def write(transaction: Transaction) -> tuple[Versioned[Operation], OutboxEntry | None]:
            before = self.get(operation_id, transaction)
            after = to(before)
            return self.put(transaction, after), None if before.finished else self.tell_parent(transaction, after)

        changed, entry = self.tenant.transact(write)
        deliver(config(), entry)
        return replace(changed.value, updated_at=changed.updated_at)

    def put(self, transaction: Transaction, operation: Operation) -> Versioned[Operation]:
        """Write an operation that was read in this transaction. What ends it calls `tell_parent` too; the client's own
        systems are told here."""
        announce_end(self.tenant, transaction, operation)
        return self._documents.put(transaction, operation)

    def tell_parent(self, transaction: Transaction, operation: Operation) -> OutboxEntry | None:
        """Leave the task in the outbox that moves a run on after the end of this step; returns it, to be delivered.

        None where there is no such run, or no such end.
        """
        if operation.parent is None or not operation.finished or operation.finished_at is None:
            return None
        entry = OutboxEntry(
            id=f"{operation.parent}-after-{operation.id}",
            client_id=self.tenant.client_id,
            function="etl",
            path="/internal/advance",
            body={"client_id": self.tenant.client_id, "operation_id": operation.parent},
            created_at=operation.finished_at,
        )
        Outbox(self.tenant).put(transaction, entry)
        return entry

    def task_of(self, operation: Operation, entry_id: str, now: dt.datetime) -> OutboxEntry:
        """The task that has an operation worked on."""
        return OutboxEntry(
            id=entry_id,
            client_id=self.tenant.client_id,
            function=operation.function,
            path=operation.path,
            body={"client_id": self.tenant.client_id, "operation_id": operation.id},
            created_at=now,
        )

    def end_those_awaiting(self, refresh: Operation, now: dt.datetime) -> None:
        """End every operation that awaits this refresh, once that has ended. Safe to repeat."""
        if refresh.finished:
            for operation_id in self._documents.awaiting(refresh.id):
                self.change(operation_id, lambda waiting: waiting.shown(refresh, now))


def existing_operations(database: Client, wanted: Iterable[tuple[Tenant, str]]) -> set[str]:
    """The clients whose operation of that id exists; a read each, in one call."""
    references = [OperationDocuments(tenant).reference(operation_id) for tenant, operation_id in wanted]
    found = database.get_all(references, field_paths=["status"]) if references else ()
    return {str(snapshot.reference.parent.parent.id) for snapshot in found if snapshot.exists}
