"""The audit log: who changed what, and when."""

from __future__ import annotations

import datetime as dt

from shared.domain.access.audit import AuditEntry, AuditFilter
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidField, InvalidLines
from shared.firestore.audit import AuditLog
from shared.firestore.page import Page, PageRequest
from shared.request_context import RequestContext

# Each combination has its composite index (infra/terraform/firestore.json); an action says its subject itself.
_COMBINATIONS = ("subject", "subject, subject_id", "user_id", "user_id, subject", "action")
_INDEXED = {frozenset(names.split(", ")) for names in _COMBINATIONS} | {frozenset[str]()}


class FiltersNotCombined(InvalidField):
    """These filters of the audit log cannot be combined."""

    code = "filters_not_combined"


def entries(context: RequestContext, entry_filter: AuditFilter, page: PageRequest) -> Page[AuditEntry]:
    """A page of the entries, the newest first.

    Raises Invalid for filters that do not go together, or a time that ends before it begins.
    """
    names = entry_filter.equalities
    if frozenset(names) not in _INDEXED:
        allowed = "; ".join(_COMBINATIONS)
        detail = f"{', '.join(names)} cannot be combined; allowed, each with from_date and to_date: {allowed}"
        raise InvalidLines([FiltersNotCombined(f"query/{name}", detail) for name in names])
    since, until = entry_filter.since, entry_filter.until
    if since is not None and until is not None and until < since:
        detail = f"to_date ({until.isoformat()}) is before from_date ({since.isoformat()})"
        raise InvalidRange("query/to_date", detail)
    return AuditLog(context.tenant, context.config).page(page, entry_filter)


def start_of(moment: dt.datetime | dt.date | None) -> dt.datetime | None:
    """The first moment that is meant: of a date its midnight, UTC."""
    return _at(moment, dt.time.min)


def end_of(moment: dt.datetime | dt.date | None) -> dt.datetime | None:
    """The last moment that is meant: of a date its last microsecond, which is what Firestore keeps."""
    return _at(moment, dt.time.max)


def _at(moment: dt.datetime | dt.date | None, time: dt.time) -> dt.datetime | None:
    if moment is None or isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(moment, time, dt.UTC)
