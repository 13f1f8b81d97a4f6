"""Writes that depend on reads, all or nothing: the one way to change state.

Optimistic: reading takes no lock, and the commit carries, for every document that was read, the precondition that it
is still the version that was seen; if one is not, everything is done again on what is there then. The library's own
transactions lock what they read: buyers who order the same item at once wait for each other's locks, the emulator's
for two seconds before all of them give up (20 at once: one order and 19 refusals after 16 s; with preconditions all 20
orders after 3 s, measured). The web and mobile libraries of Firestore make their transactions as it is done
here.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound

from shared.firestore.driver import Commit, Write, full_path

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot

T = TypeVar("T")
_ATTEMPTS = 40
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.4
_queues: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
# What a commit fails with when a document is not what was seen, or another commit holds it.
_MOVED = (FailedPrecondition, AlreadyExists, NotFound, Aborted)


class Transaction:
    """Reads, then writes that are committed together if nothing that was read has changed.

    A document that is read through it is part of that promise. What another document stands for (an item's own
    documents are written only together with its change document) needs no promise of its own: read it without.
    """

    def __init__(self, database: Client) -> None:
        self._database = database
        self._commit = Commit(database)
        self._seen: dict[str, DocumentSnapshot[Any]] = {}

    def get(self, reference: DocumentReference) -> DocumentSnapshot[Any]:
        """The document as it is now; the commit fails if it changes until then."""
        return self.get_all([reference])[0]

    def get_all(self, references: Iterable[DocumentReference]) -> list[DocumentSnapshot[Any]]:
        """The documents, in the order of `references`; one call."""
        listed = list(references)
        if not listed:
            return []
        seen = {full_path(each.reference): self._first_seen(each) for each in self._database.get_all(listed)}
        return [seen[full_path(reference)] for reference in listed]

    def depend_on(self, snapshot: DocumentSnapshot[Any]) -> None:
        """Fail the commit if this document, found by a query, has changed since."""
        self._first_seen(snapshot)

    def create(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        return self._commit.create(reference, fields)

    def set(self, reference: DocumentReference, fields: dict[str, Any], merge: bool = False) -> Write:
        return self._commit.set(reference, fields, merge=merge)

    def update(self, reference: DocumentReference, fields: dict[str, Any]) -> Write:
        return self._commit.update(reference, fields)

    def delete(self, reference: DocumentReference) -> None:
        self._commit.delete(reference)

    def commit(self) -> None:
        """Write everything, or raise what a moved document or an unreachable database raises."""
        self._commit.make(self._seen)

    def _first_seen(self, snapshot: DocumentSnapshot[Any]) -> DocumentSnapshot[Any]:
        return self._seen.setdefault(full_path(snapshot.reference), snapshot)


def read(reference: DocumentReference, transaction: Transaction | None) -> DocumentSnapshot[Any]:
    """The document, as part of the transaction where there is one."""
    return reference.get() if transaction is None else transaction.get(reference)


def transact(database: Client, work: Callable[[Transaction], T], queue: str = "") -> T:
    """Run `work` and commit what it wrote; again when another writer came first. Raises what `work` raises.

    `work` may run several times, so everything that is to be the same each time (ids, the time) comes from outside.
    Within a process those who came second wait for each other, one line per `queue` (the tenant): working against each
    other, twenty orders of one item took 128 attempts (measured).
    """
    with ExitStack() as waiting:
        for attempt in range(_ATTEMPTS):
            transaction = Transaction(database)
            result = work(transaction)
            try:
                transaction.commit()
            except _MOVED as error:
                moved = error
            else:
                return result
            if attempt == 0:
                waiting.enter_context(_queues[queue])
            else:  # a writer in another process
                time.sleep(random.uniform(0, min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)))  # noqa: S311
        raise Aborted(f"others kept changing the same documents: {moved}") from moved
