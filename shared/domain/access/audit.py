"""Who changed what and when: an entry beside every change of an order, condition, setting, stock, source or user, and
of who signed in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.access.principal import Role


@dataclass(frozen=True)
class Actor:
    """Who does something, and when: the caller of a request and its time."""

    user_id: str
    role: Role
    at: dt.datetime


class AuditAction(StrEnum):
    """`<subject>.<what happened to it>`."""

    ORDER_CREATED = "purchase_order.created"
    ORDER_REVISED = "purchase_order.changed"
    ORDER_MOVED = "purchase_order.status_changed"
    ORDER_RECEIVED = "purchase_order.goods_received"
    CONDITION_CREATED = "product_supplier.created"
    CONDITION_CHANGED = "product_supplier.changed"
    CONDITION_DELETED = "product_supplier.deleted"
    CONDITIONS_IMPORTED = "product_supplier.imported"
    SETTINGS_CHANGED = "settings.changed"
    MAPPING_SAVED = "import_mapping.saved"
    MAPPING_DELETED = "import_mapping.deleted"
    STOCK_CORRECTED = "stock_level.corrected"
    STOCK_RECEIVED = "stock_level.received"
    STOCK_TRANSFERRED = "stock_level.transferred"
    SOURCE_CONNECTED = "source.connected"
    SOURCE_CHANGED = "source.changed"
    SOURCE_DELETED = "source.deleted"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_DELETED = "user.deleted"
    USER_SIGNED_IN = "user.signed_in"
    USER_REFUSED = "user.sign_in_refused"
    USER_SIGNED_OUT = "user.signed_out"
    CLIENT_CREATED = "client.created"
    CLIENT_CHANGED = "client.changed"
    CLIENT_EXPORTED = "client.exported"
    SERVICE_TOKEN_CREATED = "service_token.created"  # noqa: S105 - an action
    SERVICE_TOKEN_DELETED = "service_token.deleted"  # noqa: S105

    @property
    def subject(self) -> str:
        return self.value.partition(".")[0]


@dataclass(frozen=True)
class AuditEntry:
    """One change, or that somebody signed in or out. `before` and `after` hold the fields that changed, ready for JSON;
    None where that state does not exist.

    `source_address` is the network address that it came from, where it is about who somebody is: of sign-ins and of
    passwords that were chosen. A sign-in that was refused is its user's, whoever tried.
    """

    id: str
    at: dt.datetime
    user_id: str
    role: Role
    action: AuditAction
    subject_id: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str | None = None
    source_address: str | None = None


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


@dataclass(frozen=True)
class AuditFilter:
    """The filters of a page; several values mean any of them, none: no filter. The times include their ends."""

    subjects: tuple[str, ...] = ()
    subject_id: str | None = None
    user_id: str | None = None
    actions: tuple[AuditAction, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def equalities(self) -> dict[str, tuple[str, ...]]:
        """The values that each field may have; each combination of fields needs a composite index."""
        compared = {
            "subject": self.subjects,
            "subject_id": (self.subject_id,) if self.subject_id is not None else (),
            "user_id": (self.user_id,) if self.user_id is not None else (),
            "action": tuple(action.value for action in self.actions),
        }
        return {name: values for name, values in compared.items() if values}
