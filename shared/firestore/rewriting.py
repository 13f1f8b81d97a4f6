"""Change or delete the documents of a whole collection in bounded parts: what migrations and deletions do.

Safe to be killed and repeated: a document is changed or not, deleted or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from shared.firestore.driver import Commit
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, transact

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference

_PAGE = 200
_BYTES_OF_A_COMMIT = 4_000_000  # Firestore takes 10 MiB

# The fields of a document as they are to be; None: they are so already.
Change = Callable[[Mapping[str, Any]], dict[str, Any] | None]


def every_tenant(database: Client) -> Iterator[Tenant]:
    """Everything that lies below `clients`, that of the platform too, in the order of their ids; one read each."""
    for reference in database.collection("clients").list_documents(page_size=_PAGE):
        yield Tenant(database, reference.id)


def change_collection(tenant: Tenant, name: str, change: Change, *, dry_run: bool) -> Iterator[int]:
    """Change each document of a client's collection that `change` has other fields for; gives how many, part by part.

    A document that moves meanwhile is looked at again: what its writer has brought stays. One read a document, and one
    more for each that is changed.
    """
    yield from _change_all(tenant.database, tenant.collection(name), change, dry_run=dry_run)


def change_top_collection(database: Client, name: str, change: Change) -> Iterator[int]:
    """As `change_collection`, of a collection that is no client's."""
    yield from _change_all(database, database.collection(name), change, dry_run=False)


def change_document(tenant: Tenant, name: str, document: str, change: Change, *, dry_run: bool) -> int:
    """As `change_collection`, of one document; 0 where there is none."""
    reference = tenant.collection(name).document(document)
    snapshot = reference.get()
    if not snapshot.exists or change(snapshot.to_dict() or {}) is None:
        return 0
    return 1 if dry_run else _changed(tenant.database, [reference], change)


def delete_collection(database: Client, collection: CollectionReference) -> Iterator[int]:
    """Delete every document of the collection, what lies below each before it; gives how many, after each part.

    One read and one delete a document.
    """
    while references := [*islice(collection.list_documents(page_size=_PAGE), _PAGE)]:
        for reference in references:
            for inner in reference.collections():
                yield from delete_collection(database, inner)
        commit = Commit(database)
        for reference in references:
            commit.delete(reference)
        commit.make({}, repeatable=True)
        yield len(references)


def pages_of(query: Any) -> Iterator[list[Any]]:
    """The documents of a collection or a query in the order of their ids, as snapshots, page by page; one read each."""
    ordered, last = query.order_by("__name__").limit(_PAGE), None
    while snapshots := [*(ordered if last is None else ordered.start_after(last)).stream()]:
        yield snapshots
        last = snapshots[-1]


def _change_all(database: Client, collection: CollectionReference, change: Change, *, dry_run: bool) -> Iterator[int]:
    for snapshots in pages_of(collection):
        differing = [
            (snapshot.reference, len(str(fields)))
            for snapshot in snapshots
            if (fields := change(snapshot.to_dict() or {})) is not None
        ]
        if dry_run:
            yield len(differing)
        else:
            for part in _parts(differing):
                yield _changed(database, part, change)


def _changed(database: Client, references: Sequence[DocumentReference], change: Change) -> int:
    def write(transaction: Transaction) -> int:
        changed = 0
        for snapshot in transaction.get_all(references):
            fields = change(snapshot.to_dict() or {}) if snapshot.exists else None
            if fields is not None:
                transaction.set(snapshot.reference, fields)
                changed += 1
        return changed

    return transact(database, write, queue="schema")


def _parts(sized: Sequence[tuple[DocumentReference, int]]) -> Iterator[list[DocumentReference]]:
    part: list[DocumentReference] = []
    room = _BYTES_OF_A_COMMIT
    for reference, size in sized:
        if part and size > room:
            yield part
            part, room = [], _BYTES_OF_A_COMMIT
        part.append(reference)
        room -= size
    if part:
        yield part
