"""Hearing of changes from Firestore as they are committed: one call of Listen, which takes documents and queries.

An idle call is billed nothing; a document is a read when it is added to what is listened to, and each time it changes.
A call ends now and then by itself: whoever listens makes another, and says from when on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from shared.firestore.driver import (
    Document,
    listen_no_more,
    listen_to_documents,
    listen_to_query,
    listened_document,
    open_listening,
)

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

_REMOVED, _CURRENT = 2, 3  # TargetChange.TargetChangeType
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class ListeningEnded(Exception):
    """The database ended the call, or refused one of its targets."""


@dataclass(frozen=True)
class Heard:
    """All that was committed until `read_time`, in microseconds, since what was heard before.

    `documents` are by their full paths; one that is not there, or not any more, is None. `answered` are the targets
    that have been told completely for the first time.
    """

    read_time: int
    documents: Mapping[str, Document | None]
    answered: frozenset[int]


class Listening:
    """One call of Listen. `reads` is what has been billed for it."""

    def __init__(self, database: Client) -> None:
        self.reads = 0
        self._database = database
        self._requests: SimpleQueue[Any] = SimpleQueue()
        self._call = open_listening(database, iter(self._requests.get, None))
        self._seen: dict[tuple[int, str], int] = {}  # target and path -> when the version that was told was written

    def to_documents(self, target_id: int, references: Sequence[DocumentReference]) -> None:
        self._requests.put(listen_to_documents(target_id, references))

    def to_query(self, target_id: int, query: Any) -> None:
        self._requests.put(listen_to_query(target_id, query))

    def no_more(self, target_id: int) -> None:
        """What is left of a target may still come."""
        self._requests.put(listen_no_more(self._database, target_id))

    def close(self) -> None:
        """End the call: `heard` ends, in whichever thread."""
        self._requests.put(None)
        self._call.cancel()

    def heard(self) -> Iterator[Heard]:
        """What comes, one moment of the database after the other. Raises ListeningEnded."""
        import grpc

        documents: dict[str, Document | None] = {}
        answered: set[int] = set()
        try:
            for response in self._call:
                kind = response.WhichOneof("response_type")
                if kind == "document_change":
                    documents[response.document_change.document.name] = self._changed(response.document_change)
                elif kind == "document_delete":
                    self._gone(response.document_delete)
                    documents[response.document_delete.document] = None
                elif kind == "target_change":
                    change = response.target_change
                    if change.target_change_type == _REMOVED and change.cause.code:
                        raise ListeningEnded(f"target refused: {change.cause.message}")
                    if change.target_change_type == _CURRENT:
                        self.reads += sum(self._is_empty(target) for target in {*change.target_ids} - answered)
                        answered.update(change.target_ids)
                    elif not change.target_ids and change.HasField("read_time"):
                        yield Heard(microseconds(change.read_time), documents, frozenset(answered))
                        documents = {}
        except grpc.RpcError as error:
            raise ListeningEnded(str(error.code())) from error
        raise ListeningEnded("the call has come to its end")

    def _changed(self, change: Any) -> Document:
        message = change.document
        written = microseconds(message.update_time)
        for target in change.target_ids:
            # The emulator tells all of a query again when something of it changes.
            if self._seen.get((target, message.name)) != written:
                self._seen[target, message.name] = written
                self.reads += 1
        return listened_document(message, self._database)

    def _gone(self, deletion: Any) -> None:
        for target in deletion.removed_target_ids:
            if self._seen.get((target, deletion.document)) != 0:
                self._seen[target, deletion.document] = 0
                self.reads += 1

    def _is_empty(self, target: int) -> bool:
        """Whether nothing was found, which is billed as if something was."""
        return not any(seen == target for seen, _ in self._seen)


def microseconds(timestamp: Any) -> int:
    """A time of the API, since 1970."""
    whole: int = timestamp.seconds * 1_000_000 + timestamp.nanos // 1_000
    return whole


def as_microseconds(moment: dt.datetime) -> int:
    """A time, since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def as_moment(microseconds_since: int) -> dt.datetime:
    """The time of so many microseconds since 1970, UTC."""
    return _EPOCH + microseconds_since * _MICROSECOND
