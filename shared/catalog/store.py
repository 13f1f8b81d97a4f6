"""The catalog's documents: a pointer, the chunks it names, and one change per item edited since.

The pointer is also what tells a reader whether anything happened: every edit touches it blindly (without reading it) in
its own transaction, so its update time is that of the last commit, and a request that finds it unchanged has cost one
read. A query for new changes would cost the same read, but needs a time margin, and so reads recent changes again and
again; it is sent only when the pointer moved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import SERVER_TIMESTAMP, FieldFilter
from google.cloud.firestore_v1._helpers import decode_dict
from google.cloud.firestore_v1.types import GetDocumentRequest

from shared.catalog.codec import decode
from shared.domain.errors import Conflict
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    import polars as pl
    from google.cloud.firestore import DocumentReference, Transaction

_POINTER = "pointer"
# `updated_at` of a change is the time of its commit request; a commit is visible at most this much later.
_COMMIT_MARGIN = dt.timedelta(seconds=15)
_LONG_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Pointer:
    """Which chunks make the current snapshot, and what it was computed from."""

    version: int  # microseconds of `read_time`: later state, larger version
    read_time: dt.datetime  # every edit committed until then is in it
    base_version: int | None  # the snapshot it took products and stock from; None: from their documents
    as_of: dt.date
    computed_at: dt.datetime
    forecast_run_id: str | None
    forecast_run_date: dt.date | None
    settings: Settings
    items: tuple[str, ...]
    locations: tuple[str, ...]
    profiles: tuple[str, ...]
    previous: tuple[str, ...] = ()  # chunks of the snapshot before, for instances that still read it


@dataclass(frozen=True)
class Change:
    """The rows of one item after an edit: encoded, with the time of their commit.

    No rows: when it was edited, no snapshot had the item.
    """

    item_id: str
    committed_at: dt.datetime
    rows: bytes

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows, decoded once for all the catalogs that they are part of."""
        return decode(self.rows)


@dataclass(frozen=True)
class PointerState:
    """The pointer as read: None while nothing was published; `moved_at` changes with every edit and publication."""

    pointer: Pointer | None
    moved_at: dt.datetime | None


@dataclass(frozen=True)
class TimedPointerState(PointerState):
    read_time: dt.datetime  # the database's time: all that was committed by then, and nothing later, was seen


class CatalogStore:
    """The catalog documents of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._collection = tenant.collection("catalog")
        self._chunks = tenant.collection("catalog_chunks")

    def pointer(self, transaction: Transaction | None = None) -> TimedPointerState:
        """One read."""
        found = self._collection.document(_POINTER).get(transaction=transaction)
        pointer = _pointer(found.to_dict()) if found.exists else None
        return TimedPointerState(pointer, found.update_time if found.exists else None, found.read_time)

    def pointer_after(self, moved_at: dt.datetime | None) -> PointerState | None:
        """The pointer, or None when it has not moved since `moved_at`: what every request begins with. One read.

        By GetDocument, where the client library would send BatchGetDocuments: its streamed answer takes a thread of its
        own and 2 ms more (measured), and gives only the time of the read in return.
        """
        client = self.tenant.database
        request = GetDocumentRequest(name=self._collection.document(_POINTER)._document_path)
        try:
            found = client._firestore_api.get_document(request=request, metadata=client._rpc_metadata)
        except NotFound:
            return PointerState(None, None)
        if found.update_time == moved_at:
            return None
        return PointerState(_pointer(decode_dict(found.fields, client)), found.update_time)

    def changes_since(self, moment: dt.datetime) -> list[Change]:
        """Changes committed after `moment`; some from shortly before may be among them. A read for each."""
        query = self._collection.where(filter=FieldFilter("changed_at", ">", moment - _COMMIT_MARGIN))
        return [
            Change(fields["item_id"], found.update_time, fields["rows"])
            for found in query.stream()
            if (fields := found.to_dict())
        ]

    def chunks(self, ids: Sequence[str]) -> bytes | None:
        """The chunks' bytes, joined; None when one is gone, because a newer snapshot has replaced this one."""
        found = self.tenant.database.get_all(
            [self._chunks.document(chunk_id) for chunk_id in ids], timeout=_LONG_TIMEOUT_S
        )
        parts = {one.id: (one.to_dict() or {})["data"] for one in found if one.exists}
        return b"".join(parts[chunk_id] for chunk_id in ids) if len(parts) == len(set(ids)) else None

    def change(self, transaction: Transaction, item_id: str) -> Change | None:
        """The item's change document, read in the caller's transaction: the item's serialisation point."""
        found = self._change_reference(item_id).get(transaction=transaction)
        return Change(item_id, found.update_time, (found.to_dict() or {})["rows"]) if found.exists else None

    def write_change(self, transaction: Transaction, item_id: str, rows: bytes) -> None:
        """Write the item's rows as part of the caller's transaction, and touch the pointer."""
        transaction.set(
            self._change_reference(item_id), {"item_id": item_id, "rows": rows, "changed_at": SERVER_TIMESTAMP}
        )
        transaction.set(self._collection.document(_POINTER), {"touched_at": SERVER_TIMESTAMP}, merge=True)

    def write_chunks(self, chunks: Iterable[tuple[str, bytes]], present: Collection[str]) -> tuple[str, ...]:
        """Write the chunks that are not `present`; returns the ids of all in order."""
        ids = []
        for chunk_id, data in chunks:
            if chunk_id not in present:
                self._chunks.document(chunk_id).set({"data": data}, timeout=_LONG_TIMEOUT_S)
            ids.append(chunk_id)
        return tuple(ids)

    def publish(self, new: Pointer) -> bool:
        """Flip the pointer to a snapshot whose chunks are written, then clean up behind it.

        False when a rebuild has published a later state meanwhile: this one is then not needed. Raises Conflict when
        the snapshot that this one or the other took products and stock from is not the current one: compute it again.
        """

        def flip(transaction: Transaction) -> Pointer | None:
            current = self.pointer(transaction).pointer
            if current is not None:
                if new.base_version is not None and new.base_version != current.version:
                    raise Conflict("catalog_base_moved", "another snapshot was published meanwhile")
                if new.version <= current.version:
                    if current.base_version is not None:
                        raise Conflict("catalog_base_moved", "a snapshot that may lack this one's was published")
                    return None
            live = {*new.items, *new.locations, *new.profiles}
            kept = tuple(sorted({*current.items, *current.locations, *current.profiles} - live)) if current else ()
            fields = _pointer_fields(new) | {"previous": kept, "touched_at": SERVER_TIMESTAMP}
            transaction.set(self._collection.document(_POINTER), fields)
            return current or new

        replaced = self.tenant.transact(flip)
        if replaced is None:
            return False
        # What the snapshot before needed goes now, not what it was replaced for: instances may still read that one.
        self._delete_chunks(set(replaced.previous) - {*new.items, *new.locations, *new.profiles})
        if replaced is not new:
            self._delete_changes(replaced.read_time)
        return True

    def _delete_chunks(self, ids: Iterable[str]) -> None:
        batch = self.tenant.database.batch()
        for chunk_id in ids:
            batch.delete(self._chunks.document(chunk_id))
        batch.commit()

    def _delete_changes(self, read_time: dt.datetime) -> None:
        """Delete the changes committed until then, unless one was edited again since."""
        query = self._collection.where(filter=FieldFilter("changed_at", "<=", read_time))
        for found in query.stream():
            change = Change((found.to_dict() or {})["item_id"], found.update_time, b"")
            if change.committed_at <= read_time:
                unchanged = self.tenant.database.write_option(last_update_time=change.committed_at)
                try:
                    self._change_reference(change.item_id).delete(option=unchanged)
                except (FailedPrecondition, NotFound):
                    continue  # edited again meanwhile: the newer change stays

    def _change_reference(self, item_id: str) -> DocumentReference:
        return self._collection.document("item:" + document_key(item_id))


def _pointer_fields(pointer: Pointer) -> dict[str, Any]:
    return asdict(pointer) | {
        "as_of": pointer.as_of.isoformat(),
        "forecast_run_date": pointer.forecast_run_date.isoformat() if pointer.forecast_run_date else None,
        "settings": pointer.settings.model_dump(mode="json"),
    }


def _pointer(fields: Any) -> Pointer | None:
    """None for a document that only edits have touched so far."""
    if fields is None or "version" not in fields:
        return None
    return Pointer(
        version=fields["version"],
        read_time=fields["read_time"],
        base_version=fields["base_version"],
        as_of=dt.date.fromisoformat(fields["as_of"]),
        computed_at=fields["computed_at"],
        forecast_run_id=fields["forecast_run_id"],
        forecast_run_date=dt.date.fromisoformat(run_date) if (run_date := fields["forecast_run_date"]) else None,
        settings=Settings.model_validate(fields["settings"]),
        items=tuple(fields["items"]),
        locations=tuple(fields["locations"]),
        profiles=tuple(fields["profiles"]),
        previous=tuple(fields["previous"]),
    )
