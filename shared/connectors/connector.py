"""What a connector does, and what can go wrong with a source.

What may pass by itself (the database is down, too slow) is Unavailable, and the queue tries again; what somebody has to
mend (a password, a right, a query, a column that has gone) is Invalid, and the run fails at once. The texts say what
the database says, without secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.dates import DateRange
from shared.domain.errors import Invalid, Unavailable
from shared.domain.imports.data_source import Entity
from shared.domain.operation import SOURCE_UNREACHABLE
from shared.imports.readers.record_source import RecordSource

# Types of columns, the same for all databases; what has none of these is `other`.
NUMBER, TEXT, BOOLEAN, DATE, LOCAL_TIME, INSTANT, OTHER = (
    "number",
    "text",
    "true or false",
    "date",
    "date and time",
    "date and time with time zone",
    "other",
)
UNTYPED = "untyped"  # of SQLite: what a column holds is known of each value only


class _SourceUnavailable(Unavailable):
    """It is the client's own system."""

    @property
    def pages(self) -> bool:
        return False


class SourceUnreachable(_SourceUnavailable):
    """The source's database cannot be reached now."""

    code = SOURCE_UNREACHABLE


class SourceTooSlow(_SourceUnavailable):
    """A query of the source took longer than it may."""

    code = "source_too_slow"


class SourceDenied(Invalid):
    """The source's database refuses the user, or what he wants to read."""

    code = "source_denied"


class SourceQueryFailed(Invalid):
    """The source's database cannot run the query, or has no such table."""

    code = "source_query_failed"


class SourceTooExpensive(Invalid):
    """A query would read more bytes than the source may be billed for."""

    code = "source_too_expensive"


class UnusableKey(Invalid):
    """The columns to page by are null somewhere, or not unique: rows would be lost."""

    code = "unusable_key"


class UnusableDateColumn(Invalid):
    """The column of the days to read is no date, so that a window of days cannot be read."""

    code = "unusable_date_column"


@dataclass(frozen=True)
class DayWindow:
    """The days to read, both ends included, in the client's `time_zone`.

    `date_column` says which of the source's columns has the day; None: a constant, or a field that the source lacks.
    """

    days: DateRange
    date_column: Callable[[Sequence[str]], str | None]
    time_zone: str


@dataclass(frozen=True)
class Extract:
    """What a source gives for an entity: its records, and its columns with their types."""

    records: RecordSource
    columns: Mapping[str, str]


class Connector(Protocol):
    """One source."""

    def extract(self, entity: Entity, window: DayWindow | None = None, limit: int | None = None) -> Extract:
        """The entity's records, of all days or of a window, all or the first `limit`; read when they are asked for.

        Memory does not grow with their number. Raises the errors of this module, at once or while records are read.
        """

    def close(self) -> None:
        """Let go of the database."""
