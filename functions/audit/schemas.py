"""What the audit endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, JsonValue

from shared.domain.access.audit import AuditAction
from shared.domain.access.principal import Role
from shared.domain.dates import in_utc
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.texts import IndexedText

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
    Field(json_schema_extra={"enum": list(_SUBJECTS)}),
]
Moment = Annotated[AwareDatetime | dt.date | None, BeforeValidator(_date_or_time), AfterValidator(_in_utc)]
_MOMENT = "The {} day (UTC), included, or a time with its offset from UTC."


class AuditQuery(TokenPage):
    """Filters narrow together, several values of one to any of them. Not all can be combined; a 422 says which can."""

    subject: Annotated[
        list[Subject] | None,
        SEVERAL,
        Field(max_length=MAX_VALUES, description="What kind of thing was changed."),
    ] = None
    subject_id: Annotated[
        IndexedText | None, Field(description="The id of the changed thing; only with `subject`.")
    ] = None
    user_id: Annotated[IndexedText | None, Field(description="Who changed it.")] = None
    action: Annotated[
        list[AuditAction] | None, SEVERAL, Field(max_length=MAX_VALUES, description="What was done to it.")
    ] = None
    from_date: Annotated[Moment, Field(description=_MOMENT.format("first"))] = None
    to_date: Annotated[Moment, Field(description=_MOMENT.format("last"))] = None


class AuditView(BaseModel):
    """One change, or that somebody signed in or out. It stays as it is."""

    id: str = Field(description="The entry's id.")
    created_at: dt.datetime = Field(description="When it was changed.")
    user_id: str = Field(description="Who changed it; of a sign-in that was refused whose it was, whoever tried.")
    role: Role = Field(description="Their role at that time.")
    action: AuditAction = Field(description="What was done.")
    subject: str = Field(description="What kind of thing was changed.")
    subject_id: str = Field(description="The id of the changed thing.")
    before: dict[str, JsonValue] | None = Field(
        description="The changed fields as they were, by their names; null: it was not there."
    )
    after: dict[str, JsonValue] | None = Field(
        description="The changed fields as they are now; null: it is not there any more."
    )
    reason: str | None = Field(description="Why, where a reason was given.")
    source_address: str | None = Field(
        description="The network address that it came from: of sign-ins, sign-outs and passwords that users chose."
    )


class AuditPage(TokenEnvelope):
    items: list[AuditView]
