"""A product, its stock and the purchase terms of its suppliers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.domain.errors import Conflict, NotFound

MAX_ITEM_ID_LENGTH = 500
UNCATEGORIZED = "Uncategorized"


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "product_not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"no product {item_id!r}")


class SupplierNotLinked(NotFound):
    """The supplier does not sell this product: no purchase terms link them."""

    code = "supplier_not_linked"

    def __init__(self, supplier_id: str, item_id: str) -> None:
        super().__init__(f"supplier {supplier_id!r} is not linked to product {item_id!r}")


class AlreadyLinked(Conflict):
    """The supplier is linked to the product already."""

    code = "already_linked"


class AlreadyAssigned(Conflict):
    """The product is kept at this location already."""

    code = "already_assigned"


@dataclass(frozen=True)
class Product:
    """A product as the client maintains it. `needs_review`: some of it was filled in for lack of data."""

    item_id: str
    product_name: str
    sku: str | None = None
    category: str = UNCATEGORIZED
    unit_cost: Decimal = Decimal("0.00")
    needs_review: bool = False
    strategic: bool = False  # kept in stock even if it does not sell: never dead stock


@dataclass(frozen=True)
class StockLevel:
    """An item's stock per location; missing locations hold none."""

    item_id: str
    levels: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.levels.values(), Decimal(0))


@dataclass(frozen=True)
class Condition:
    """A supplier's purchase terms for an item."""

    item_id: str
    supplier_id: str
    supplier_name: str
    lead_time_days: int
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal
    is_primary: bool


@dataclass(frozen=True)
class OpenOrderLine:
    """The outstanding part of an order line; `outstanding` is clamped at 0."""

    order_id: str
    po_number: str
    item_id: str
    location_id: str | None
    outstanding: Decimal
    expected_delivery_date: dt.date | None


def ruling_condition(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that planning uses: the primary supplier's, else the one with the shortest lead time."""
    return min(
        conditions,
        key=lambda condition: (not condition.is_primary, condition.lead_time_days, condition.supplier_id),
        default=None,
    )


def with_condition(conditions: Sequence[Condition], new: Condition) -> list[Condition]:
    """An item's conditions with this one added, or replacing its supplier's; at most one stays the primary."""
    others = [condition for condition in conditions if condition.supplier_id != new.supplier_id]
    if new.is_primary:
        others = [replace(condition, is_primary=False) for condition in others]
    return [*others, new]
