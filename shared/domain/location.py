"""A location: a warehouse or shop that holds stock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import Conflict, NotFound

MAX_LOCATION_ID_LENGTH = 200
# Stands for all locations together in forecasts, and so cannot be the id of one.
ALL_LOCATIONS = "*"


class LocationIsSynced(Conflict):
    """The location is kept by the client's own system."""

    code = "location_is_synced"


class LocationHoldsStock(Conflict):
    """A location that holds stock cannot be deleted."""

    code = "location_holds_stock"


class LocationHasItems(Conflict):
    """A location at which products are kept cannot be deleted, even where it has none of them in stock."""

    code = "location_has_items"


class LocationHasOpenOrders(Conflict):
    """A location for which orders are open cannot be deleted."""

    code = "location_has_open_orders"


class LocationExists(Conflict):
    """There is a location of this id already."""

    code = "location_exists"


class LocationNotFound(NotFound):
    """There is no such location."""

    code = "location_not_found"

    def __init__(self, location_id: str) -> None:
        super().__init__(f"no location {location_id!r}")


class LocationType(StrEnum):
    WAREHOUSE = "warehouse"
    STORE = "store"


@dataclass(frozen=True)
class Location:
    """A location as the client maintains it, or as its own system does (`is_synced`: we never change that one).

    `is_default`: orders that name no location go there; at most one location of a client is.
    """

    location_id: str
    name: str
    type: LocationType | None = None
    address: str | None = None
    city: str | None = None
    country: str | None = None
    is_default: bool = False
    is_synced: bool = False
