"""What the audit endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from shared.domain.access.audit import AuditAction
from shared.domain.access.principal import Role
from shared.domain.dates import in_utc
from shared.http.paging import TokenEnvelope, TokenPage

_DATE_LENGTH = len("2024-06-03")
_SUBJECTS = tuple(dict.fromkeys(action.subject for action in AuditAction))


def _date_or_time(value: object) -> object:
    """A date stays a date: as the end of a range it means the whole day."""
    return dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == _DATE_LENGTH else value


def _in_utc(moment: dt.datetime | dt.date | None) -> dt.datetime | dt.date | None:
    return in_utc(moment) if isinstance(moment, dt.datetime) else moment


def _known_subject(name: str) -> str:
    if name not in _SUBJECTS:
        raise ValueError(f"not something that changes are kept of; allowed: {', '.join(_SUBJECTS)}")
    return name


Subject = Annotated[
    str,
    AfterValidator(_known_subject),
    Field(json_schema_extra={"enum": list(_SUBJECTS)}, description="What kind of thing was changed."),
]
Moment = Annotated[
    AwareDatetime | dt.date | None,
    BeforeValidator(_date_or_time),
    AfterValidator(_in_utc),
    Field(description="A date (UTC), or a time with its offset from UTC. Ranges include their ends."),
]


class AuditQuery(TokenPage):
    """Filters narrow together. Not all can be combined; a 422 says which can."""

    subject: Subject | None = None
    subject_id: Annotated[
        str | None, Field(max_length=1500, description="The id of the changed thing; only with `subject`.")
    ] = None
    user_id: Annotated[str | None, Field(max_length=200, description="Who changed it.")] = None
    action: AuditAction | None = None
    from_: Annotated[Moment, Field(alias="from")] = None
    to: Moment = None


class AuditView(BaseModel):
    """One change. `before` and `after` hold the changed fields; null where that state does not exist."""

    id: str
    at: dt.datetime
    user_id: str
    role: Role
    action: AuditAction
    subject: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


class AuditPage(TokenEnvelope):
    items: list[AuditView]
