"""The audit log: `audit/{id}`, written in the transaction of the change that it records, and never changed.

The states before and after are JSON texts each: they hold maps of hundreds of items, whose ids may be any text.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.config import Config
from shared.domain.access.audit import Actor, AuditAction, AuditEntry, AuditFilter
from shared.domain.access.principal import Role
from shared.firestore.codec import Codec, json_text
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction


class AuditLog:
    """The audit entries of one tenant, which are kept for the configuration's `audit_days`."""

    def __init__(self, tenant: Tenant, config: Config) -> None:
        codec = _codec(dt.timedelta(days=config.audit_days))
        self._documents = Documents(tenant.database, tenant.collection("audit"), codec)

    def add(
        self,
        transaction: Transaction,
        actor: Actor,
        action: AuditAction,
        subject_id: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str | None = None,
        source_address: str | None = None,
    ) -> None:
        """Write an entry as part of the caller's transaction."""
        entry = AuditEntry(
            id=uuid.uuid4().hex,
            at=actor.at,
            user_id=actor.user_id,
            role=actor.role,
            action=action,
            subject_id=subject_id,
            before=_plain(before),
            after=_plain(after),
            reason=reason,
            source_address=source_address,
        )
        self._documents.create(transaction, entry)

    def put_many(self, entries: Iterable[AuditEntry]) -> int:
        """Write entries of what happened elsewhere, outside a transaction; returns how many."""
        return self._documents.put_many(entries)

    def page(self, page: PageRequest, entries: AuditFilter) -> Page[AuditEntry]:
        """A page of the entries, the newest first; raises Invalid for a position that is none of them."""
        query = self._documents.newest_first("at")
        for name, values in entries.equalities.items():
            query = query.where(filter=FieldFilter(name, "in", list(values)))
        if entries.since is not None:
            query = query.where(filter=FieldFilter("at", ">=", entries.since))
        if entries.until is not None:
            query = query.where(filter=FieldFilter("at", "<=", entries.until))
        return self._documents.page_of(query, page, *self._documents.places_by("at"))


def _encode(entry: AuditEntry, kept_for: dt.timedelta) -> dict[str, Any]:
    return vars(entry) | {
        "before": None if entry.before is None else json_text(entry.before),
        "after": None if entry.after is None else json_text(entry.after),
        "role": entry.role.value,
        "action": entry.action.value,
        "subject": entry.action.subject,
        "expires_at": entry.at + kept_for,
    }


def _decode(fields: Any) -> AuditEntry:
    return AuditEntry(
        id=fields["id"],
        at=fields["at"],
        user_id=fields["user_id"],
        role=Role(fields["role"]),
        action=AuditAction(fields["action"]),
        subject_id=fields["subject_id"],
        before=_states(fields["before"]),
        after=_states(fields["after"]),
        reason=fields["reason"],
        source_address=fields.get("source_address"),
    )


def _states(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _plain(value: Any) -> Any:
    """Decimals and dates as text, sets as lists: as JSON takes them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, Decimal | dt.date) and not isinstance(value, dt.datetime):
        return str(value)
    return value


def _codec(kept_for: dt.timedelta) -> Codec[AuditEntry]:
    return Codec[AuditEntry](lambda entry: entry.id, lambda entry: _encode(entry, kept_for), _decode)
