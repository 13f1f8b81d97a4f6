"""The tenant's warehouses and shops: `locations/{key}`, and `settings/default_location`, which says where orders go.

The default is marked in its own document, for readers, and named in the one of the settings: whoever makes another
location the default reads that one in its transaction, so two who do so at once come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from shared.domain.errors import NotFound
from shared.domain.location import Location, LocationType
from shared.firestore.bulk import every_document
from shared.firestore.products import write_batches
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_FIELDS = tuple(Location.__dataclass_fields__)


class Locations:
    """The locations of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("locations")
        self._default = tenant.collection("settings").document("default_location")

    def names(self) -> dict[str, str]:
        """location_id -> name, of every location."""
        return {fields["location_id"]: fields["name"] for fields in every_document(self._collection)}

    def get(self, location_id: str, transaction: Transaction | None = None) -> tuple[Location, str]:
        """The location and its version (ETag); raises NotFound."""
        found = read(self._reference(location_id), transaction)
        if not found.exists:
            raise NotFound("location_not_found", f"no location {location_id!r}")
        return _location(found.to_dict()), found.update_time.isoformat()

    def exists(self, location_id: str, transaction: Transaction | None = None) -> bool:
        """Whether there is this location; in a transaction, that this is still so when it commits."""
        return read(self._reference(location_id), transaction).exists

    def page(self, size: int, after: str | None) -> tuple[list[Location], str | None]:
        """Up to `size` locations in the order of their ids, those behind the id `after`, and the `after` of the next
        page, None behind the last one."""
        query = self._collection.order_by("__name__")
        if after is not None:
            query = query.start_after({"__name__": self._reference(after)})
        found = [_location(one.to_dict()) for one in query.limit(size).stream()]
        return found, found[-1].location_id if len(found) == size else None

    def default_id(self) -> str | None:
        """Where an order goes that names no location: the default one, else the first by id, None without any.

        At most 2 reads.
        """
        named = self._default.get()
        if named.exists:
            return str((named.to_dict() or {})["location_id"])
        first, _ = self.page(1, None)
        return first[0].location_id if first else None

    def put(self, transaction: Transaction, location: Location) -> Versioned[Location]:
        """Write the location as part of the caller's transaction; as the default it takes the other one's place."""
        default = transaction.get(self._default)
        former = (default.to_dict() or {})["location_id"] if default.exists else None
        if location.is_default and former != location.location_id:
            if former is not None and self.exists(former, transaction):
                transaction.update(self._reference(former), {"is_default": False})
            transaction.set(self._default, {"location_id": location.location_id})
        elif not location.is_default and former == location.location_id:
            transaction.delete(self._default)
        return Versioned(location, transaction.set(self._reference(location.location_id), vars(location)))

    def put_many(self, locations: Iterable[Location]) -> int:
        """Write locations outside a transaction, in batches; returns how many. Names no default: `put` does."""
        return write_batches(self._tenant, ((self._reference(one.location_id), vars(one)) for one in locations))

    def delete(self, transaction: Transaction, location: Location) -> None:
        """Delete the location as part of the caller's transaction; there is no default then if it was that."""
        if location.is_default:
            transaction.delete(self._default)
        transaction.delete(self._reference(location.location_id))

    def _reference(self, location_id: str) -> DocumentReference:
        return self._collection.document(document_key(location_id))


def _location(fields: Any) -> Location:
    """A location that a client's system sent may have an id and a name only."""
    known = {name: fields[name] for name in _FIELDS if name in fields}
    kind = known.get("type")
    return Location(**known | {"type": None if kind is None else LocationType(kind)})
