"""An item at its locations: what to move between them, and who gets how much of a purchase (rules.md, "Locations").

All quantities are integer thousandths. A location *lacks* what its position is below its own order-up-to level, and has
a *surplus* of what it is above that, as far as it is there to be moved. Surplus goes to those that lack, the largest
first. A purchase is then shared out in proportion to what each location still lacks.

The purchase itself is not made smaller here: the position of the item as a whole, which it comes from, counts the stock
of every location already, a surplus included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WHOLE_UNIT = 1000  # in thousandths


@dataclass(frozen=True, slots=True)
class PlaceStock:
    """An item at a location. `position`: in stock there and arriving in time, less what is committed; `movable`: in
    stock and not committed."""

    location_id: str
    order_up_to: int
    position: int
    movable: int

    @property
    def lack(self) -> int:
        return max(self.order_up_to - self.position, 0)

    @property
    def surplus(self) -> int:
        return max(min(self.position - self.order_up_to, self.movable), 0)


@dataclass(frozen=True, slots=True)
class Move:
    """So many units from one location to another."""

    from_location_id: str
    to_location_id: str
    quantity: int


def units(thousandths: int) -> Decimal:
    """So many thousandths as units, 3 decimals."""
    return Decimal(thousandths).scaleb(-3)


def sold_in(packaging_qty: int | None) -> int:
    """What quantities of an item are multiples of: whole units, thousandths where its packs are no whole units. None:
    no supplier."""
    return WHOLE_UNIT if packaging_qty is None or packaging_qty % WHOLE_UNIT == 0 else 1


def moves(places: Sequence[PlaceStock], unit: int) -> list[Move]:
    """What to move, in multiples of `unit`: the largest surplus to the largest lack, until one of both is used up.

    A lack is rounded up to whole units, a surplus down: nobody who gives falls below its order-up-to level, or gives
    what it has not. Who lacks less than half a unit lacks nothing: no one drives for that. Ties go by location_id.
    """
    surplus = {place.location_id: most for place in places if (most := place.surplus // unit * unit) > 0}
    if not surplus:
        return []
    lack = {place.location_id: -(-place.lack // unit) * unit for place in places if 2 * place.lack >= unit}
    givers = _largest_first(surplus)
    made: list[Move] = []
    for receiver in _largest_first(lack):
        while givers and lack[receiver] > 0:
            giver = givers[0]
            quantity = min(surplus[giver], lack[receiver])
            made.append(Move(giver, receiver, quantity))
            surplus[giver] -= quantity
            lack[receiver] -= quantity
            if surplus[giver] == 0:
                givers.pop(0)
    return made


def shares(quantity: int, places: Sequence[PlaceStock], made: Sequence[Move], unit: int) -> dict[str, int]:
    """How much of a purchase each location gets, by its id in the order of `places`; who gets nothing is left out.

    In proportion to what each lacks once `made` have arrived; where nobody lacks anything, to what each is ordered up
    to; where that is nothing either, to all alike. In multiples of `unit` where the quantity is one; the sum is exactly
    the quantity (largest remainder, ties by location_id). No locations, no shares.
    """
    if not places or quantity <= 0:
        return {}
    weights = {place.location_id: place.lack for place in places}
    for move in made:
        weights[move.to_location_id] = max(weights[move.to_location_id] - move.quantity, 0)
    if not any(weights.values()):
        weights = {place.location_id: max(place.order_up_to, 0) for place in places}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    if len(weights) == 1:
        return dict.fromkeys(weights, quantity)
    step = unit if quantity % unit == 0 else 1
    steps, total = quantity // step, sum(weights.values())
    parts = {place: divmod(steps * weight, total) for place, weight in weights.items()}
    left = steps - sum(whole for whole, _ in parts.values())
    rounded_up = sorted(parts, key=lambda place: (-parts[place][1], place))[:left]
    given = {place: (whole + (place in rounded_up)) * step for place, (whole, _) in parts.items()}
    return {place: share for place, share in given.items() if share > 0}


def _largest_first(quantities: dict[str, int]) -> list[str]:
    """The locations by how much, then by id."""
    return sorted(quantities, key=lambda place: (-quantities[place], place))
