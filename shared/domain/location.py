"""A location: a warehouse or shop that holds stock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_LOCATION_ID_LENGTH = 200
# Stands for all locations together in forecasts, and so cannot be the id of one.
ALL_LOCATIONS = "*"


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
    is_default: bool = False
    is_synced: bool = False
