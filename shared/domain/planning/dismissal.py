"""A dismissed recommendation: hidden for good, or until a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.errors import InvalidField, NotFound


class NotDismissed(NotFound):
    """The recommendation is not dismissed."""

    code = "not_dismissed"


class UntilInThePast(InvalidField):
    """A dismissal cannot end in the past."""

    code = "until_in_the_past"


@dataclass(frozen=True)
class Dismissal:
    """Who dismissed a recommendation, when and why. `until`: the last day on which it is hidden; None: for good."""

    recommendation_id: str
    dismissed_by: str
    dismissed_at: dt.datetime
    until: dt.date | None = None
    reason: str | None = None


def check_until(until: dt.date | None, today: dt.date) -> None:
    """Raises Invalid for a dismissal that would have ended before it began."""
    if until is not None and until < today:
        detail = f"until {until} is in the past; today is {today}"
        raise UntilInThePast("/until", detail)
