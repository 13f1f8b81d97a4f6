"""The audit log as tests look at it."""

from __future__ import annotations

from typing import Any

from shared.config import config
from shared.domain.access.audit import AuditFilter
from shared.firestore.audit import AuditLog
from shared.firestore.page import PageRequest
from tests.support.tenants import TestClient


def audit_entries(client: TestClient) -> list[dict[str, Any]]:
    """The fields of every entry, the oldest first."""
    page = AuditLog(client.tenant, config()).page(PageRequest(1000), AuditFilter())
    return [vars(entry) for entry in reversed(page.items)]
