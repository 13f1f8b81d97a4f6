"""The clients, as those who run Stockcast keep them and as each sees its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.access.client import Client, ClientExists, ClientNotFound, PlatformRequired
from shared.firestore.audit import AuditLog
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
        AuditLog(tenant).add(transaction, context.actor, AuditAction.CLIENT_CREATED, new.client_id, after=_audited(new))
        return clients.create(transaction, new)

    return tenant.transact(write)


def change(context: RequestContext, client_id: str, changes: dict[str, Any]) -> Versioned[Client]:
    """Change these fields; raises ClientNotFound, StaleVersion, and PlatformRequired for the status."""
    clients = Clients(context.tenant.database)
    tenant = Tenant(context.tenant.database, _visible(context, client_id))

    def write(transaction: Transaction) -> Versioned[Client]:
        stored = clients.versioned(client_id, transaction)
        context.expected_version.check(stored.version)
        changed = replace(stored.value, **changes)
        if changed == stored.value:
            return stored
        if changed.status != stored.value.status and not context.principal.platform:
            raise PlatformRequired(f"only who runs Stockcast may change the status of client {client_id!r}")
        before, after = changed_fields(_audited(stored.value), _audited(changed))
        AuditLog(tenant).add(
            transaction, context.actor, AuditAction.CLIENT_CHANGED, client_id, before=before, after=after
        )
        return clients.replace(transaction, stored.value, changed)

    return tenant.transact(write)


def _visible(context: RequestContext, client_id: str) -> str:
    if client_id != context.principal.client_id and not context.principal.platform:
        raise ClientNotFound(client_id)
    return client_id


def _audited(client: Client) -> dict[str, Any]:
    return {name: value for name, value in vars(client).items() if value is not None}
