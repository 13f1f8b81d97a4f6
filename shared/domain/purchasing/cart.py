"""A buyer's cart: quantities to be ordered from suppliers (rules.md, "Cart").

Nothing here knows the supplier's terms: what may be ordered is `shared.domain.purchasing.order_quantity`'s to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from shared.domain.errors import Conflict, Invalid, InvalidField, NotFound
from shared.domain.purchasing.order_quantity import MAX_QUANTITY

MAX_CART_LINES = 2_000
# A cart is stored as a whole, so its ids take only so much room.
MAX_ID_BYTES = 400_000
_KEPT_REQUESTS = 50

Pair = tuple[str, str]
"""An item and a supplier, which identify a line."""


class CartEmpty(Conflict):
    """The cart has no line to order."""

    code = "cart_empty"


class TooManyLines(Invalid):
    """One request cannot order so many lines."""

    code = "too_many_lines"


class CartLineNotFound(NotFound):
    """The cart has no line of this item."""

    code = "cart_line_not_found"


class SupplierAmbiguous(Conflict):
    """Several lines of the cart share the item: name the supplier."""

    code = "supplier_ambiguous"


class QuantityTooLarge(InvalidField):
    """The quantity is above what can be ordered."""

    code = "quantity_too_large"


class CartFull(Invalid):
    """The cart takes no more lines."""

    code = "cart_full"


@dataclass(frozen=True)
class CartLine:
    """A quantity of an item from a supplier. `added_at`: when the line was added to the cart."""

    item_id: str
    supplier_id: str
    quantity: Decimal
    added_at: dt.datetime

    @property
    def pair(self) -> Pair:
        return self.item_id, self.supplier_id


@dataclass(frozen=True)
class Cart:
    """A user's lines in the order in which they came, no two of the same item and supplier; a change is a new cart.

    `applied` are the requests that last added to it: one that is repeated, because its answer was lost, adds nothing
    again. `version` is that of the stored cart which this one was read from, "0" while there is none.
    """

    user_id: str
    lines: tuple[CartLine, ...] = ()
    applied: tuple[str, ...] = ()
    version: str = field(default="0", compare=False)

    @property
    def pairs(self) -> frozenset[Pair]:
        return frozenset(line.pair for line in self.lines)

    def line(self, item_id: str, supplier_id: str) -> CartLine | None:
        """The line of this item and supplier, None if there is none."""
        return next((line for line in self.lines if line.pair == (item_id, supplier_id)), None)

    def the_line(self, item_id: str, supplier_id: str | None) -> CartLine:
        """The line of the item, of this supplier where one is named.

        Raises NotFound `cart_line_not_found`, and Conflict `supplier_ambiguous` naming the suppliers when several lines
        share the item and no supplier is named.
        """
        found = [
            line
            for line in self.lines
            if line.item_id == item_id and (supplier_id is None or line.supplier_id == supplier_id)
        ]
        if not found:
            of = "" if supplier_id is None else f" from supplier {supplier_id!r}"
            raise CartLineNotFound(f"no line of {item_id!r}{of} in your cart")
        if len(found) > 1:
            names = ", ".join(repr(line.supplier_id) for line in found)
            raise SupplierAmbiguous(
                f"{len(found)} lines of your cart share {item_id!r}; give supplier_id, one of {names}"
            )
        return found[0]

    def adding(self, more: CartLine, request_id: str | None = None) -> Cart:
        """The cart with the line's quantity on top of that of the line which is there, or with the line as its last.

        Raises Invalid: `cart_full`, or `quantity_too_large` for a sum beyond what can be ordered.
        """
        there = self.line(*more.pair)
        if request_id in self.applied:
            return self
        applied = self.applied if request_id is None else (*self.applied, request_id)[-_KEPT_REQUESTS:]
        if there is None:
            return replace(self.with_new([more]), applied=applied)
        total = there.quantity + more.quantity
        if total > MAX_QUANTITY:
            detail = f"{there.quantity} are in the cart; {more.quantity} more make {total}, above {MAX_QUANTITY}"
            raise QuantityTooLarge("/quantity", detail)
        return replace(self.changing(there.pair, total), applied=applied)

    def with_new(self, lines: Iterable[CartLine]) -> Cart:
        """The cart with those of the lines whose item and supplier it lacks; raises Invalid `cart_full`."""
        every = {line.pair: line for line in self.lines}
        for line in lines:
            every.setdefault(line.pair, line)
        room_taken = sum(len(part.encode()) for pair in every for part in pair)
        if len(every) > MAX_CART_LINES or room_taken > MAX_ID_BYTES:
            raise CartFull(
                f"the cart has {len(self.lines)} lines and would have {len(every)}; allowed are {MAX_CART_LINES} "
                f"lines, and {MAX_ID_BYTES:,} bytes in their ids (they would have {room_taken:,})"
            )
        return replace(self, lines=tuple(every.values()))

    def changing(self, pair: Pair, quantity: Decimal) -> Cart:
        """The cart with this quantity in the line of the pair."""
        return replace(
            self, lines=tuple(replace(line, quantity=quantity) if line.pair == pair else line for line in self.lines)
        )

    def without(self, pairs: Collection[Pair]) -> Cart:
        """The cart without the lines of these pairs; those that it lacks do not matter."""
        gone = frozenset(pairs)
        return replace(self, lines=tuple(line for line in self.lines if line.pair not in gone))
