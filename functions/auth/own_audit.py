"""What users do with their own accounts, in the audit log of their client or, for those who run Stockcast, of the
platform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shared.config import Config
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.access.user import User
from shared.firestore.audit import AuditLog
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction


def audit_own(
    config: Config,
    transaction: Transaction,
    user: User,
    action: AuditAction,
    now: dt.datetime,
    source: str,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry as part of the transaction: which user did what, and from which network address."""
    AuditLog(Tenant(database(config), user.client_id), config).add(
        transaction,
        Actor(user.user_id, user.role, now),
        action,
        user.user_id,
        before=None if after is None else {},
        after=after,
        source_address=source or None,
    )
