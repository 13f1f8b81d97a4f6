"""A domain object and when its document was made and last written; the latter is its ETag over HTTP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
_NEVER_SAVED = "0"


class DocumentTimes(Protocol):
    """A document as it was read, or the write of one, which has its times once it is committed."""

    @property
    def create_time(self) -> dt.datetime: ...

    @property
    def update_time(self) -> dt.datetime: ...


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A value as its document has it: read, or written by a transaction and then of that very commit.

    Without `times` it is a default that has no document. Before the commit the properties raise RuntimeError.
    """

    value: T
    times: DocumentTimes | None = field(default=None, repr=False, compare=False)

    @property
    def version(self) -> str:
        """The version of the document that holds this value."""
        return _NEVER_SAVED if self.times is None else self.times.update_time.isoformat()

    def moments(self) -> dict[str, dt.datetime | None]:
        """`created_at` and `updated_at` as the fields of an answer."""
        return {"created_at": self.created_at, "updated_at": self.updated_at}

    @property
    def created_at(self) -> dt.datetime | None:
        """When the document was made, UTC; None without one."""
        return None if self.times is None else self.times.create_time

    @property
    def updated_at(self) -> dt.datetime | None:
        """When the document was last changed, UTC; None without one."""
        return None if self.times is None else self.times.update_time
