"""What callers see and change of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.domain.access.client import Client
from shared.domain.access.principal import PLATFORM_HOME
from shared.domain.access.user import User
from shared.firestore.clients import Clients
from shared.firestore.transaction import Transaction, transact
from shared.firestore.users import Users
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext


def own_user(context: RequestContext) -> Versioned[User] | None:
    """The caller's user; None for a machine. Raises UserNotFound for one who was deleted."""
    if context.principal.machine:
        return None
    return Users(context.tenant.database).get(context.user_id)


def own_client(context: RequestContext) -> Versioned[Client] | None:
    """The caller's own client; None for the platform's people. Raises ClientNotFound."""
    client_id = context.principal.client_id
    return None if client_id == PLATFORM_HOME else Clients(context.tenant.database).versioned(client_id)


def change(context: RequestContext, changes: dict[str, Any]) -> Versioned[User]:
    """Change the caller's own name or locale; raises UserNotFound and StaleVersion."""
    users = Users(context.tenant.database)

    def write(transaction: Transaction) -> Versioned[User]:
        stored = users.get(context.user_id, transaction)
        context.expected_version.check(stored.version)
        changed = replace(stored.value, **changes)
        return stored if changed == stored.value else users.replace(transaction, stored.value, changed, context.now)

    return transact(context.tenant.database, write)
