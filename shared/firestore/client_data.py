"""All documents of a client, whatever repository they belong to: for its export and its deletion.

They are asked of the database, not of a list of ours: a collection that somebody adds is in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.email_address import normal_address
from shared.domain.purchasing.purchase_order import OrderLine
from shared.firestore.driver import Commit
from shared.firestore.repository import count
from shared.firestore.rewriting import change_top_collection, delete_collection, pages_of
from shared.firestore.sign_in_attempts import attempts_of_address
from shared.firestore.tenant import Tenant
from shared.firestore.users import holder_of_address

USERS = "users"
_PAGE = 200
# What is computed from the rest, or is ours: how far something is, what waits to be delivered, which ids are taken.
NOT_EXPORTED = frozenset(
    {
        "access",
        "catalog",
        "catalog_chunks",
        "catalog_edits",
        "counters",
        "current_run",
        "failed_runs",
        "idempotency",
        "imports",
        "outbox",
        "request_counts",
        "source_progress",
        "supplier_keys",
        "sync_states",
    }
)
# All that is exported of these: not the hashes of passwords, keys and tokens, by which their owners could be guessed.
_ONLY: Mapping[str, frozenset[str]] = {
    USERS: frozenset({"user_id", "email", "name", "role", "client_id", "status", "locale"}),
    "service_tokens": frozenset({"id", "name", "role", "expires_at", "created_by", "last_used_at"}),
}
# Fields that are kept as one JSON text, and the names of what stands in their lists.
_ORDER_LINE = tuple(OrderLine.__dataclass_fields__)
_TEXTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "audit": {"before": (), "after": ()},
    "carts": {"lines": ("item_id", "supplier_id", "quantity", "added_at")},
    "import_mappings": {"definition": ()},
    "notifications": {"data": ()},
    "purchase_orders": {"items": _ORDER_LINE},
    "receipts": {"lines": ("item_id", "quantity")},
    "sources": {"definition": ()},
}


def collections_of(tenant: Tenant) -> list[str]:
    """The names of the client's collections."""
    return sorted(collection.id for collection in tenant.document.collections())


def counts_of(tenant: Tenant) -> dict[str, int]:
    """How many documents each collection of the client has, its users among them; a read per 1,000."""
    counts = {name: count(tenant.collection(name)) for name in collections_of(tenant)}
    users = count(_users(tenant))
    return counts | ({USERS: users} if users else {})


def exported_documents(tenant: Tenant, name: str) -> Iterator[dict[str, Any]]:
    """The documents of a collection, or the client's users, as they are exported: without secrets; one read each."""
    query = _users(tenant) if name == USERS else tenant.collection(name)
    for snapshots in pages_of(query):
        yield from (_exported(name, snapshot.to_dict() or {}) for snapshot in snapshots)


def delete_users(tenant: Tenant) -> int:
    """Delete the client's users with their addresses and sessions; returns how many. Safe to repeat."""
    deleted = 0
    while users := [*_users(tenant).limit(_PAGE).stream()]:
        for user in users:
            for inner in user.reference.collections():
                for _ in delete_collection(tenant.database, inner):
                    pass
        commit = Commit(tenant.database)
        for user in users:
            email = normal_address((user.to_dict() or {})["email"])
            commit.delete(holder_of_address(tenant.database, email))
            commit.delete(attempts_of_address(tenant.database, email))
            commit.delete(user.reference)
        commit.make({}, repeatable=True)
        deleted += len(users)
    return deleted


def delete_documents(tenant: Tenant) -> Iterator[int]:
    """Delete everything below the client's document; gives how many, part by part. Safe to repeat."""
    for name in collections_of(tenant):
        yield from delete_collection(tenant.database, tenant.collection(name))


def leave_batches(tenant: Tenant) -> None:
    """Take the client's runs out of the batches of forecasts, which name several clients and expire by themselves."""

    def without_client(fields: Mapping[str, Any]) -> dict[str, Any] | None:
        others = [run for run in fields["runs"] if run["client_id"] != tenant.client_id]
        return None if len(others) == len(fields["runs"]) else {**fields, "runs": others}

    for _ in change_top_collection(tenant.database, "forecast_batches", without_client):
        pass


def _users(tenant: Tenant) -> Any:
    users = tenant.database.collection(USERS).where(filter=FieldFilter("client_id", "==", tenant.client_id))
    return users.where(filter=FieldFilter("platform", "==", False))


def _exported(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    texts, only = _TEXTS.get(name, {}), _ONLY.get(name, fields)
    return {
        field: _named(value, texts[field]) if field in texts and value is not None else value
        for field, value in fields.items()
        if field in only
    }


def _named(text: str, names: tuple[str, ...]) -> Any:
    """The value of a JSON text; the lists in it that stand for records have the names of their fields."""
    value = json.loads(text)
    return [dict(zip(names, record, strict=False)) for record in value] if names else value
