"""Writes of a run that depend on what it has read: none is made over what somebody has changed since.

A run compares a whole source with what is stored, which takes a while. It writes in transactions of some documents
each; where one of them is not as it was read, the attempt ends there, and the next one compares again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.domain.errors import Conflict
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

T = TypeVar("T")
Key = TypeVar("Key")

_WRITTEN_AT_ONCE = 100  # in one transaction, which takes 500 writes; a supplier may be up to five
_WRITING_AT_ONCE = 4


class ChangedMeanwhile(Conflict):
    """Somebody has changed what the run is about to write; the next attempt sees it."""

    code = "changed_meanwhile"


@dataclass(frozen=True)
class Change(Generic[Key, T]):
    """A value that is to become another one. `before` is what the run has read, None where there was nothing."""

    key: Key
    before: T | None
    after: T


def write_changes(
    tenant: Tenant,
    changes: Sequence[Change[Key, T]],
    read: Callable[[Sequence[Key], Transaction], Mapping[Key, T]],
    put: Callable[[Transaction, Sequence[T], Mapping[Key, T]], object],
) -> None:
    """Write each change whose value is still what it was before; raises ChangedMeanwhile where one is not.

    `read` and `put` are part of a transaction; `put` gets the values of some changes, and what `read` gave for them.
    """

    def write(part: Sequence[Change[Key, T]]) -> None:
        def work(transaction: Transaction) -> None:
            stored = read([change.key for change in part], transaction)
            for change in part:
                if stored.get(change.key) != change.before:
                    raise ChangedMeanwhile(f"{change.key!r} was changed while the run was comparing; it will try again")
            put(transaction, [change.after for change in part], stored)

        tenant.transact(work)

    parts = [changes[start : start + _WRITTEN_AT_ONCE] for start in range(0, len(changes), _WRITTEN_AT_ONCE)]
    with ThreadPoolExecutor(_WRITING_AT_ONCE) as threads:
        list(threads.map(write, parts))
