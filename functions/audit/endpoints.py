"""HTTP surface of audit."""

from __future__ import annotations

from typing import Any

from functions.audit import service
from functions.audit.schemas import AuditPage, AuditQuery
from functions.audit.service import FiltersNotCombined
from shared.domain.access.audit import AuditFilter
from shared.domain.access.principal import ADMINISTRATORS
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidLines
from shared.http.access import allow, errors, tenant
from shared.http.app import Api
from shared.http.paging import by_token

app = Api("audit", "Audit", prefixes=("audit",))


@app.get("/audit", summary="List changes, newest first", responses={200: AuditPage})
@allow(ADMINISTRATORS)
@errors(
    fields=(
        FiltersNotCombined,
        InvalidLines,
        InvalidRange,
    )
)
def list_entries(query: AuditQuery) -> dict[str, Any]:
    """Return who changed which order, purchase terms, setting, stock level or user, and when. Entries never change."""
    wanted = AuditFilter(
        subject=query.subject,
        subject_id=query.subject_id,
        user_id=query.user_id,
        action=query.action,
        since=service.start_of(query.from_),
        until=service.end_of(query.to),
    )
    entries, following = service.page(tenant(), wanted, query.page_size, query.position())
    return vars(by_token(query, entries, following))
