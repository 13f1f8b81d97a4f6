"""The tenant's warehouses and shops: `locations/{key}`, and `settings/default_location`, which says where orders go.

The default is marked in its own document, for readers, and named in the one of the settings: whoever makes another
location the default reads that one in its transaction, so two who do so at once come one after the other.
"""

from __future__ import annotations

from typing import Any

from shared.domain.location import Location, LocationNotFound, LocationType
from shared.firestore.bulk import every_document
from shared.firestore.codec import Codec
from shared.firestore.page import Page, PageRequest
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

_FIELDS = tuple(Location.__dataclass_fields__)


class Locations(Repository[Location]):
    """The locations of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("locations"), _CODEC, _missing)
        self._default = tenant.collection("settings").document("default_location")

    def names(self) -> dict[str, str]:
        """location_id -> name, of every location."""
        return {fields["location_id"]: fields["name"] for fields in every_document(self.collection)}

    def page(self, page: PageRequest) -> Page[Versioned[Location]]:
        """A page of the locations in the order of their ids, each with its times."""

        def start(place: str) -> dict[str, Any]:
            return {"__name__": self.reference(place)}

        query = self.collection.order_by("__name__")
        return self.page_of_versions(query, page, start, lambda location: location.location_id)

    def default_id(self) -> str | None:
        """Where an order goes that names no location: the default one, else the first by id, None without any.

        At most 2 reads.
        """
        named = self._default.get()
        if named.exists:
            return str((named.to_dict() or {})["location_id"])
        first = self.found_by(self.collection.order_by("__name__").limit(1))
        return first[0].location_id if first else None

    def put(self, transaction: Transaction, location: Location) -> Versioned[Location]:
        """Write the location as part of the caller's transaction; as the default it replaces the current one."""
        default = transaction.get(self._default)
        former = (default.to_dict() or {})["location_id"] if default.exists else None
        if location.is_default and former != location.location_id:
            if former is not None and self.exists(former, transaction):
                transaction.update(self.reference(former), {"is_default": False})
            transaction.set(self._default, {"location_id": location.location_id})
        elif not location.is_default and former == location.location_id:
            transaction.delete(self._default)
        return super().put(transaction, location)

    def put_details(self, transaction: Transaction, location: Location) -> Versioned[Location]:
        """Write a location that is or is not the default as the transaction has read it."""
        return super().put(transaction, location)

    def remove(self, transaction: Transaction, location: Location) -> None:
        """Delete the location as part of the caller's transaction; there is no default then if it was that."""
        if location.is_default:
            transaction.delete(self._default)
        self.delete(transaction, location.location_id)


def _missing(location_id: str) -> LocationNotFound:
    return LocationNotFound(location_id)


def _decode(fields: Any) -> Location:
    """A location that a client's system sent may have an id and a name only."""
    held = {name: fields[name] for name in _FIELDS if name in fields}
    kind = held.get("type")
    return Location(**held | {"type": None if kind is None else LocationType(kind)})


# A location's document has its fields as they are.
_CODEC = Codec[Location](lambda location: location.location_id, lambda location: {**vars(location)}, _decode)
