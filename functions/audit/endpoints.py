"""HTTP surface of audit."""

from __future__ import annotations

from functions.audit import service
from functions.audit.schemas import AuditPage, AuditQuery, AuditView
from functions.audit.service import FiltersNotCombined
from shared.domain.access.audit import AuditEntry, AuditFilter
from shared.domain.access.principal import ADMINISTRATORS
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidLines
from shared.http.access import allow, errors
from shared.http.app import Api
from shared.http.paging import ItemsByToken, views_by_token
from shared.request_context import RequestContext

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
def list_audit_entries(context: RequestContext, query: AuditQuery) -> ItemsByToken[AuditView]:
    """Return who changed which order, purchase terms, setting, stock level or user, who signed in and out, and when.
    Entries never change.

    Wrong passwords for a user are one entry for each time that their number makes the next one wait.
    """
    entry_filter = AuditFilter(
        subjects=tuple(query.subject or ()),
        subject_id=query.subject_id,
        user_id=query.user_id,
        actions=tuple(query.action or ()),
        since=service.start_of(query.from_date),
        until=service.end_of(query.to_date),
    )
    page = service.entries(context, entry_filter, query.request())
    return views_by_token(query, page, _view)


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        created_at=entry.at,
        user_id=entry.user_id,
        role=entry.role,
        action=entry.action,
        subject=entry.action.subject,
        subject_id=entry.subject_id,
        before=dict(entry.before) if entry.before is not None else None,
        after=dict(entry.after) if entry.after is not None else None,
        reason=entry.reason,
        source_address=entry.source_address,
    )
