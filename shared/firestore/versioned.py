"""A domain object and the version of its document, which is its ETag over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from shared.firestore.driver import Write

T = TypeVar("T")


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A value as its document has it: read, or written by a transaction and then of that very commit."""

    value: T
    source: str | Write

    @property
    def version(self) -> str:
        """The version of the document that holds this value; raises RuntimeError before it is committed."""
        return self.source if isinstance(self.source, str) else self.source.version
