"""The audit log: `audit/{id}`, written in the transaction of the change that it records, and never changed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.audit import Actor, AuditAction, AuditEntry
from shared.domain.access.principal import Role
from shared.firestore.page_positions import moment_and_id
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_DESCENDING = "DESCENDING"


@dataclass(frozen=True)
class AuditFilter:
    """The filters of a page; None: no filter. The times include their ends."""

    subject: str | None = None
    subject_id: str | None = None
    user_id: str | None = None
    action: AuditAction | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def equalities(self) -> dict[str, str]:
        """The fields that are compared for equality; each combination needs a composite index."""
        wanted = {name: getattr(self, name) for name in ("subject", "subject_id", "user_id", "action")}
        return {name: str(value) for name, value in wanted.items() if value is not None}


class AuditLog:
    """The audit entries of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("audit")

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
    ) -> None:
        """Write an entry as part of the caller's transaction."""
        entry_id = uuid.uuid4().hex
        fields = {
            "id": entry_id,
            "at": actor.at,
            "user_id": actor.user_id,
            "role": actor.role.value,
            "action": action.value,
            "subject": action.subject,
            "subject_id": subject_id,
            "before": _plain(before),
            "after": _plain(after),
            "reason": reason,
        }
        transaction.create(self._reference(entry_id), fields)

    def page(self, wanted: AuditFilter, size: int, position: str | None) -> tuple[list[AuditEntry], str | None]:
        """Up to `size` entries, the newest first, and the position of the next page, None behind the last one.

        `position` is what the page before gave; raises Invalid for anything else. One read an entry.
        """
        query = self._collection.order_by("at", direction=_DESCENDING).order_by("__name__", direction=_DESCENDING)
        for name, value in wanted.equalities.items():
            query = query.where(filter=FieldFilter(name, "==", value))
        if wanted.since is not None:
            query = query.where(filter=FieldFilter("at", ">=", wanted.since))
        if wanted.until is not None:
            query = query.where(filter=FieldFilter("at", "<=", wanted.until))
        if position is not None:
            query = query.start_after(self._cursor(position))
        found = [_entry(one.to_dict()) for one in query.limit(size).stream()]
        return found, f"{found[-1].at.isoformat()} {found[-1].id}" if len(found) == size else None

    def _cursor(self, position: str) -> dict[str, Any]:
        moment, entry_id = moment_and_id(position)
        return {"at": moment, "__name__": self._reference(entry_id)}

    def _reference(self, entry_id: str) -> DocumentReference:
        return self._collection.document(document_key(entry_id))


def _entry(fields: Any) -> AuditEntry:
    return AuditEntry(
        id=fields["id"],
        at=fields["at"],
        user_id=fields["user_id"],
        role=Role(fields["role"]),
        action=AuditAction(fields["action"]),
        subject_id=fields["subject_id"],
        before=fields["before"],
        after=fields["after"],
        reason=fields["reason"],
    )


def _plain(value: Any) -> Any:
    """Decimals and dates as text, everything else as Firestore takes it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, Decimal | dt.date) and not isinstance(value, dt.datetime):
        return str(value)
    return value
