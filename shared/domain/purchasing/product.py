"""A product, its stock and the purchase terms of its suppliers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from shared.domain.errors import Conflict, FieldError, NotFound
from shared.domain.money import round_quantity
from shared.domain.purchasing.item_planning import ItemPlanning

MAX_ITEM_ID_LENGTH = 500
MAX_PRODUCT_NAME_LENGTH = 500
MAX_PRODUCT_TEXT_LENGTH = 200  # of its sku and its category
UNCATEGORIZED = "Uncategorized"


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "product_not_found"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"no product {item_id!r}")


class StockDiffers(Conflict):
    """The stock is not what the caller expects it to be; the detail says what it is."""

    code = "stock_differs"

    def __init__(self, item_id: str, location_id: str, expected: Decimal, present: Decimal) -> None:
        detail = f"{item_id!r} has {present} in stock at {location_id!r} now, not {expected} as expected"
        super().__init__(detail, errors=[FieldError("/expected_stock", self.code, detail)])


class NotEnoughStock(Conflict):
    """There is less in stock at the location than is to be moved; the detail says how much there is."""

    code = "not_enough_stock"

    def __init__(self, item_id: str, location_id: str, units: Decimal, present: Decimal) -> None:
        detail = f"{item_id!r} has {present} in stock at {location_id!r}: {units} cannot be moved"
        super().__init__(detail, errors=[FieldError("/quantity", self.code, detail)])


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


class NotAssigned(NotFound):
    """The product is not kept at this location."""

    code = "not_assigned"

    def __init__(self, item_id: str, location_id: str) -> None:
        super().__init__(f"product {item_id!r} is not kept at location {location_id!r}")


class StockRemains(Conflict):
    """A product cannot be taken off a location that has it in stock."""

    code = "stock_remains"


@dataclass(frozen=True)
class Product:
    """A product as the client maintains it. `needs_review`: some of it was filled in for lack of data.

    `unit_cost` is what a unit costs the client, `unit_price` what it sells for, None where that is not known.
    """

    item_id: str
    product_name: str
    sku: str | None = None
    category: str = UNCATEGORIZED
    unit_cost: Decimal = Decimal("0.00")
    unit_price: Decimal | None = None
    needs_review: bool = False
    strategic: bool = False  # kept in stock even if it does not sell: never dead stock
    planning: ItemPlanning | None = None  # None: all of it is left to the policy


@dataclass(frozen=True)
class StockLevel:
    """An item's stock per location; missing locations hold none.

    `committed` is what of it customers have ordered, where the client says so; `updated_at`, when the stock of each
    location was last counted, moved or corrected.
    """

    item_id: str
    levels: Mapping[str, Decimal]
    committed: Mapping[str, Decimal] = field(default_factory=dict)
    updated_at: Mapping[str, dt.datetime] = field(default_factory=dict)

    def without(self, location_id: str) -> StockLevel:
        """The stock of an item that is no longer kept there. Raises NotAssigned, and StockRemains unless it has none
        there."""
        units = self.levels.get(location_id)
        if units is None:
            raise NotAssigned(self.item_id, location_id)
        if units != 0:
            raise StockRemains(
                f"{units} of product {self.item_id!r} are in stock at {location_id!r}: "
                "move them, or correct the stock to 0 first"
            )
        return StockLevel(
            self.item_id,
            {place: held for place, held in self.levels.items() if place != location_id},
            {place: promised for place, promised in self.committed.items() if place != location_id},
            {place: time for place, time in self.updated_at.items() if place != location_id},
        )

    @property
    def total(self) -> Decimal:
        return sum(self.levels.values(), Decimal(0))

    def check_expected(self, location_id: str, expected: Decimal | None) -> None:
        """Raises StockDiffers where the caller expects another stock at the location; None expects any."""
        present = round_quantity(self.levels.get(location_id, Decimal(0)))
        if expected is not None and round_quantity(expected) != present:
            raise StockDiffers(self.item_id, location_id, expected, present)

    def with_units(self, location_id: str, units: Decimal, now: dt.datetime) -> StockLevel:
        """The stock with so many units at the location, since `now`."""
        return replace(
            self, levels={**self.levels, location_id: units}, updated_at={**self.updated_at, location_id: now}
        )

    def moved(self, origin: str, destination: str, units: Decimal, now: dt.datetime) -> StockLevel:
        """The stock with so many units of `origin` at another location, since `now`. Raises NotEnoughStock where there
        are fewer."""
        nothing = Decimal(0)
        present = round_quantity(self.levels.get(origin, nothing))
        if units > present:
            raise NotEnoughStock(self.item_id, origin, units, present)
        left = self.with_units(origin, present - units, now)
        return left.with_units(destination, round_quantity(self.levels.get(destination, nothing)) + units, now)

    def with_committed(self, location_id: str, units: Decimal, now: dt.datetime) -> StockLevel:
        """The stock with so many units committed to customers' orders at the location, since `now`."""
        return replace(
            self, committed={**self.committed, location_id: units}, updated_at={**self.updated_at, location_id: now}
        )

    def replaced(self, levels: Mapping[str, Decimal], now: dt.datetime) -> StockLevel:
        """The stock as a full list of locations has it; where nothing differs the time of the last change stays.

        What is committed stays too: where customers wait for the item it is kept, with nothing in stock.
        """
        waiting = {place: Decimal(0) for place, units in self.committed.items() if units and place not in levels}
        after = {**levels, **waiting}
        times = {
            place: self.updated_at.get(place, now) if self.levels.get(place) == units else now
            for place, units in after.items()
        }
        committed = {place: units for place, units in self.committed.items() if place in after}
        return StockLevel(self.item_id, after, committed, times)

    def with_all_committed(self, committed: Mapping[str, Decimal], now: dt.datetime) -> StockLevel:
        """The stock with what customers have ordered as a full list of locations has it; the time of the last change
        stays where nothing differs.

        Where customers wait for an item that is not kept there, it is from then on, with nothing in stock.
        """
        promised = {place: units for place, units in committed.items() if units or place in self.levels}
        levels = {**dict.fromkeys(promised.keys() - self.levels.keys(), Decimal(0)), **self.levels}
        changed = [
            place for place in levels if self.committed.get(place) != promised.get(place) or place not in self.levels
        ]
        return StockLevel(self.item_id, levels, promised, {**self.updated_at, **dict.fromkeys(changed, now)})


@dataclass(frozen=True)
class Condition:
    """A supplier's purchase terms for an item. `supplier_sku` is the item's number at the supplier, `packaging_unit`
    what it is packed in (a box, a pallet); `is_synced`: the link came from the client's own system."""

    item_id: str
    supplier_id: str
    supplier_name: str
    lead_time_days: int
    moq: Decimal
    packaging_qty: Decimal
    supplier_cost: Decimal
    is_primary: bool
    supplier_sku: str | None = None
    packaging_unit: str | None = None
    notes: str | None = None
    is_synced: bool = False


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
