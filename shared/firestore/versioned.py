"""A domain object and the version of its document, which is its ETag over HTTP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class Write:
    """A write of a transaction. It has a version once the transaction is committed, and from nowhere but its answer:
    a read after the commit may find the next writer's document."""

    def __init__(self) -> None:
        self._update_time: dt.datetime | None = None

    def committed(self, update_time: dt.datetime) -> None:
        """The document's update time after the write; a write that changed nothing keeps the one before."""
        self._update_time = update_time

    @property
    def version(self) -> str:
        """The document's version; raises RuntimeError before the commit."""
        if self._update_time is None:
            raise RuntimeError("a document has its version once its transaction is committed: ask for it after that")
        return self._update_time.isoformat()


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A value as its document has it: read, or written by a transaction and then of that very commit."""

    value: T
    source: str | Write

    @property
    def version(self) -> str:
        """The version of the document that holds this value; raises RuntimeError before it is committed."""
        return self.source if isinstance(self.source, str) else self.source.version
