"""What every collection of domain objects can do: get, get many, put, delete, page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.domain.errors import NotFound
from shared.firestore.bulk import every_document, every_timed_document, write_batches
from shared.firestore.codec import Codec
from shared.firestore.page import Page, PageRequest, identifier, instant, page_of, position, values_at
from shared.firestore.tenant import document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference, DocumentSnapshot

T = TypeVar("T")
_DESCENDING = "DESCENDING"


class Documents(Generic[T]):
    """A collection with one document for each value, named for the value's identifier.

    What is read with a transaction is as it was read when that commits.
    """

    def __init__(self, database: Client, collection: CollectionReference, codec: Codec[T]) -> None:
        self.collection = collection
        self.database = database
        self._codec = codec

    def find(self, identifier: str, transaction: Transaction | None = None) -> Versioned[T] | None:
        """The value with its document's times, None when there is none. One read."""
        snapshot = read(self.reference(identifier), transaction)
        return self.versioned(snapshot) if snapshot.exists else None

    def get_many(self, identifiers: Iterable[str], transaction: Transaction | None = None) -> dict[str, T]:
        """The values among these identifiers that exist, by them and in their order; one call, a read for each."""
        by_key = {document_key(identifier): identifier for identifier in identifiers}
        if not by_key:
            return {}
        reader = self.database if transaction is None else transaction
        snapshots = reader.get_all([self.collection.document(key) for key in by_key])
        values = {each.id: self.value(each) for each in snapshots if each.exists}
        return {identifier: values[key] for key, identifier in by_key.items() if key in values}

    def get_versions(
        self, identifiers: Iterable[str], transaction: Transaction | None = None
    ) -> dict[str, Versioned[T]]:
        """As `get_many`, each value with its document's times."""
        by_key = {document_key(identifier): identifier for identifier in identifiers}
        if not by_key:
            return {}
        reader = self.database if transaction is None else transaction
        snapshots = reader.get_all([self.collection.document(key) for key in by_key])
        versions = {each.id: self.versioned(each) for each in snapshots if each.exists}
        return {identifier: versions[key] for key, identifier in by_key.items() if key in versions}

    def exists(self, identifier: str, transaction: Transaction | None = None) -> bool:
        """Whether there is a value; in a transaction, that this is still so when it commits. One read."""
        return read(self.reference(identifier), transaction).exists

    def every(self) -> Iterator[T]:
        """All values, in the order of their documents' names; one read each."""
        return (self._codec.decode(fields) for fields in every_document(self.collection))

    def every_version(self) -> Iterator[Versioned[T]]:
        """As `every`, each value with its document's times."""
        return (Versioned(self._codec.decode(fields), times) for fields, times in every_timed_document(self.collection))

    def found_by(self, query: Any) -> list[T]:
        """The values that a query finds; one read each."""
        return [self.value(snapshot) for snapshot in query.stream()]

    def newest_first(self, time: str) -> Any:
        """All documents by this time of theirs, the newest first, those of one time by their names."""
        return self.collection.order_by(time, direction=_DESCENDING).order_by("__name__", direction=_DESCENDING)

    def places_by(self, time: str) -> tuple[Callable[[str], Mapping[str, Any]], Callable[[T], str]]:
        """What `page_of` needs to know of a query that is `newest_first`: the values of a position, which is Invalid
        where it is none, and the position behind a value."""

        def start(place: str) -> dict[str, Any]:
            moment, name = values_at(place, instant, identifier)
            return {time: moment, "__name__": self.reference(name)}

        def behind(value: T) -> str:
            return position(getattr(value, time), self._codec.identifier(value))

        return start, behind

    def page_of(
        self,
        query: Any,
        page: PageRequest,
        start: Callable[[str], Mapping[str, Any]],
        position_behind: Callable[[T], str],
    ) -> Page[T]:
        """A page of an ordered query; `start` gives the values of a position. It costs what `page_of_versions` does."""
        versions = self.page_of_versions(query, page, start, position_behind)
        return Page([version.value for version in versions.items], versions.following, versions.total)

    def page_of_versions(
        self,
        query: Any,
        page: PageRequest,
        start: Callable[[str], Mapping[str, Any]],
        position_behind: Callable[[T], str],
    ) -> Page[Versioned[T]]:
        """A page of an ordered query, each value with its document's times; `start` gives the values of a position.

        One read an item, one for those that a page's number skips, and one per 1,000 of the list for its total, unless
        the page ends it. A page behind a position skips nothing.
        """
        part = query.limit(page.size)
        if page.position is not None:
            part = part.start_after(start(page.position))
        elif page.offset:
            part = part.offset(page.offset)
        versions = [self.versioned(snapshot) for snapshot in part.stream()]
        return page_of(versions, page, lambda last: position_behind(last.value), lambda: count(query))

    def create(self, transaction: Transaction, value: T) -> Versioned[T]:
        """Write a value that there is none of yet, or the commit fails."""
        return Versioned(value, transaction.create(self._reference_of(value), self._codec.encode(value)))

    def put(self, transaction: Transaction, value: T) -> Versioned[T]:
        """Write the value as part of the transaction, over the one that there may be."""
        return Versioned(value, transaction.set(self._reference_of(value), self._codec.encode(value)))

    def put_now(self, value: T) -> None:
        """Write the value outside a transaction."""
        self._reference_of(value).set(self._codec.encode(value))

    def put_many(self, values: Iterable[T]) -> int:
        """Write values outside a transaction, in batches; returns how many. For imports, which may be repeated."""
        return write_batches(
            self.database, ((self._reference_of(value), self._codec.encode(value)) for value in values)
        )

    def delete(self, transaction: Transaction, identifier: str) -> None:
        """Delete the value as part of the transaction; one that there is not is no error."""
        transaction.delete(self.reference(identifier))

    def reference(self, identifier: str) -> DocumentReference:
        return self.collection.document(document_key(identifier))

    def versioned(self, snapshot: DocumentSnapshot[Any]) -> Versioned[T]:
        """The value of a document that exists, with its times."""
        return Versioned(self.value(snapshot), snapshot)

    def value(self, snapshot: DocumentSnapshot[Any]) -> T:
        """The value of a document that exists."""
        return self._codec.decode(snapshot.to_dict())

    def _reference_of(self, value: T) -> DocumentReference:
        return self.reference(self._codec.identifier(value))


def count(query: Any) -> int:
    """How many documents a query finds; a read per 1,000 of them."""
    ((result,),) = query.count().get()
    return int(result.value)


class Repository(Documents[T]):
    """Documents of values that are there when they are asked for, or it is an error."""

    def __init__(
        self, database: Client, collection: CollectionReference, codec: Codec[T], missing: Callable[[str], NotFound]
    ) -> None:
        super().__init__(database, collection, codec)
        self._missing = missing

    def get(self, identifier: str, transaction: Transaction | None = None) -> Versioned[T]:
        """The value with its document's times; raises NotFound. One read."""
        stored = self.find(identifier, transaction)
        if stored is None:
            raise self._missing(identifier)
        return stored
