"""How much of an item a supplier sells: at least the MOQ, in whole packs (rules.md, "Order suggestions")."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from shared.domain.errors import InvalidField
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import Condition

MAX_QUANTITY = Decimal(1_000_000_000)


class BelowMoq(InvalidField):
    """The quantity is below the supplier's minimum order quantity."""

    code = "below_moq"


class NotAPackMultiple(InvalidField):
    """The quantity is no multiple of the supplier's pack."""

    code = "not_a_pack_multiple"


def packs(quantity: Decimal, packaging_qty: Decimal) -> Decimal:
    """`quantity` rounded up to whole packs; 3 decimals.

    `shared.domain.planning.quantities.quantity_to_order` is the same rounding for the columns of a catalog.
    """
    return round_quantity((quantity / packaging_qty).to_integral_value(ROUND_CEILING) * packaging_qty)


def smallest_order(condition: Condition) -> Decimal:
    """The least that the supplier sells: the MOQ in whole packs, a pack where there is no MOQ."""
    return packs(max(condition.moq, condition.packaging_qty), condition.packaging_qty)


def quantity_error(quantity: Decimal, condition: Condition, pointer: str) -> InvalidField | None:
    """The error of ordering this quantity under the condition, for the field at `pointer`; None if it is valid."""
    least = smallest_order(condition)
    if quantity < condition.moq or quantity <= 0:
        return BelowMoq(
            pointer,
            f"{quantity} of {condition.item_id!r} is below the MOQ of {condition.supplier_name}: {condition.moq}; "
            f"order at least {least}",
        )
    following = packs(quantity, condition.packaging_qty)
    if following != quantity:
        return NotAPackMultiple(
            pointer,
            f"{quantity} of {condition.item_id!r} is no multiple of the pack of {condition.packaging_qty}; "
            f"the next valid quantity is {following}",
        )
    return None
