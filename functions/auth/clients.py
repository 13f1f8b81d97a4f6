"""The clients, as those who run Stockcast keep them and as each sees its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.access.client import CLOSING, Client, ClientExists, ClientNotFound, DeletionBegun, PlatformRequired
from shared.domain.access.principal import PLATFORM_HOME
from shared.domain.operation import Operation, OperationKind, OperationRequest
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.audit import AuditLog
from shared.firestore.client_deletions import ClientDeletions
from shared.firestore.clients import Clients
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext


def page_of_clients(context: RequestContext, page: PageRequest) -> Page[Versioned[Client]]:
    """The clients that the caller may see: the platform all of them, all others their own."""
    clients, caller = Clients(context.tenant.database), context.principal
    if caller.platform:
        return clients.page(page)
    first = page.position is None and page.number == 1
    return Page([clients.versioned(caller.client_id)] if first else [], None, 1)


def client(context: RequestContext, client_id: str) -> Versioned[Client]:
    """A client; raises ClientNotFound, for everyone but the platform of all others too."""
    return Clients(context.tenant.database).versioned(_visible(context, client_id))


def create(context: RequestContext, new: Client) -> Versioned[Client]:
    """A new client, in which there is nothing yet; raises ClientExists."""
    clients, tenant = Clients(context.tenant.database), Tenant(context.tenant.database, new.client_id)

    def write(transaction: Transaction) -> Versioned[Client]:
        stored = clients.find(new.client_id, transaction)
        if stored is not None:
            if context.repeatable and stored.value == new:
                return stored  # made by an earlier run of this request, which did not live to answer
            raise ClientExists(new.client_id)
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.CLIENT_CREATED, new.client_id, after=_audited(new)
        )
        return clients.create(transaction, new)

    return tenant.transact(write)


def change(context: RequestContext, client_id: str, changes: dict[str, Any]) -> Versioned[Client]:
    """Change these fields; raises ClientNotFound, StaleVersion, and PlatformRequired for the status.

    Another status than `closing` takes a deletion back; raises DeletionBegun where that has begun.
    """
    clients = Clients(context.tenant.database)
    tenant = Tenant(context.tenant.database, _visible(context, client_id))

    def write(transaction: Transaction) -> Versioned[Client]:
        stored = clients.versioned(client_id, transaction)
        context.expected_version.check(stored.version)
        changed = stored.value.with_changes(changes)
        if changed == stored.value:
            return stored
        if changed.status != stored.value.status and not context.principal.platform:
            raise PlatformRequired(f"only who runs Stockcast may change the status of client {client_id!r}")
        _not_deleted_yet(tenant, transaction, stored.value)
        _record_change(transaction, [tenant], context, stored.value, changed)
        return clients.replace(transaction, stored.value, changed)

    return tenant.transact(write)


def close(context: RequestContext, client_id: str, grace_days: int) -> Versioned[Client]:
    """Suspend the client at once and have everything of it deleted after so many days; raises ClientNotFound and
    StaleVersion. One that is closing keeps its date.

    The record of the change is also kept in the platform's own log, which the client's data do not take with them.
    """
    database = context.tenant.database
    clients, tenant = Clients(database), Tenant(database, client_id)

    def write(transaction: Transaction) -> Versioned[Client]:
        stored = clients.versioned(client_id, transaction)
        context.expected_version.check(stored.version)
        closing = stored.value.closing(context.user_id, context.now, grace_days)
        if closing == stored.value:
            return stored
        _record_change(transaction, [tenant, Tenant(database, PLATFORM_HOME)], context, stored.value, closing)
        return clients.replace(transaction, stored.value, closing)

    return tenant.transact(write)


def export(context: RequestContext, client_id: str) -> Operation:
    """Have all data of the client exported; raises ClientNotFound. The operation is the client's own."""
    from shared.tasks.operations import Operations
    from shared.tasks.starting import delivered

    tenant = Tenant(context.tenant.database, _visible(context, client_id))
    Clients(tenant.database).get(client_id)
    request = OperationRequest(
        OperationKind.CLIENT_EXPORT,
        "etl",
        "/internal/client-export",
        context.user_id,
        context.now,
        id=context.new_id(),
    )
    operations = Operations(tenant)

    def write(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        operation, entry = operations.start(request, transaction=transaction)
        if entry is not None:
            AuditLog(tenant, context.config).add(transaction, context.actor, AuditAction.CLIENT_EXPORTED, client_id)
        return operation, entry

    return delivered(context.config, tenant.transact(write))


def _visible(context: RequestContext, client_id: str) -> str:
    if client_id != context.principal.client_id and not context.principal.platform:
        raise ClientNotFound(client_id)
    return client_id


def _not_deleted_yet(tenant: Tenant, transaction: Transaction, client: Client) -> None:
    if client.status == CLOSING and ClientDeletions(tenant.database).of(client, transaction) is not None:
        raise DeletionBegun(client.client_id)


def _record_change(
    transaction: Transaction, tenants: Iterable[Tenant], context: RequestContext, before: Client, after: Client
) -> None:
    was, is_now = changed_fields(_audited(before), _audited(after))
    for tenant in tenants:
        AuditLog(tenant, context.config).add(
            transaction, context.actor, AuditAction.CLIENT_CHANGED, before.client_id, before=was, after=is_now
        )


def _audited(client: Client) -> dict[str, Any]:
    return {name: value for name, value in vars(client).items() if value is not None}
