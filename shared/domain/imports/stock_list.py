"""A full stock list: what it says of each item at each location, and what a row that could not be read leaves unsaid.

The list replaces all that is stored, so silence means 0: an item that is not listed is sold out. A rejected row is not
silence. It was about some stock, and as long as nobody knows about which, that stock stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.folding import folded

# How systems call what splits an item's stock at a location into several rows: lots, and places within the location.
_LOT_COLUMNS = (
    *("lot", "lotno", "lotnumber", "lotid", "batch", "batchno", "batchnumber", "batchid", "serial", "serialnumber"),
    *("bin", "binlocation", "shelf", "rack"),
    *("charge", "chargennummer", "los", "seriennummer", "lagerplatz", "fach", "regal"),
    *("numerodelot", "numlot", "emplacement", "casier"),
    *("lote", "numerodelote", "ubicacion", "estante"),
    *("lotto", "ubicazione", "scaffale"),
    *("partij", "partijnummer", "batchnummer", "schap"),
)


@dataclass(frozen=True)
class Unread:
    """What the rejected rows of a list may be about.

    `places_of`: the locations of an item, None among them where a row names the item and no location that is known.
    `anything`: a row does not even say which item it is about.
    """

    places_of: Mapping[str, frozenset[str | None]]
    anything: bool

    @classmethod
    def of(cls, rows: Iterable[tuple[str | None, str | None]], nameless: int) -> Unread:
        """Of the items and known locations that rejected rows name, and how many rows name nothing at all."""
        places_of: dict[str, set[str | None]] = {}
        anything = nameless > 0
        for item_id, location_id in rows:
            if item_id is None:
                anything = True
            else:
                places_of.setdefault(item_id, set()).add(location_id)
        return cls({item: frozenset(places) for item, places in places_of.items()}, anything)

    def covers(self, item_id: str, location_id: str) -> bool:
        """Whether a rejected row may say how much is there."""
        places = self.places_of.get(item_id, frozenset())
        return self.anything or location_id in places or None in places

    def kept(self, item_id: str, stored: Mapping[str, Decimal], listed: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Of the stored levels of an item, by location: those that the list does not say and a rejected row may."""
        return {place: units for place, units in stored.items() if place not in listed and self.covers(item_id, place)}


def is_lot_column(name: str) -> bool:
    """Whether a column of this name splits the stock of an item at a location."""
    return "".join(character for character in folded(name) if character.isalnum()) in _LOT_COLUMNS
