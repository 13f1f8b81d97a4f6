"""Requested order lines, checked against the suppliers' purchase terms (rules.md, "Purchase orders")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.errors import InvalidField
from shared.domain.money import round_quantity, round_unit_money
from shared.domain.purchasing.line_errors import duplicate_error
from shared.domain.purchasing.order_quantity import quantity_error
from shared.domain.purchasing.product import Condition, SupplierNotLinked
from shared.domain.purchasing.purchase_order import OrderLine


@dataclass(frozen=True)
class RequestedLine:
    """A requested quantity of an item from a supplier; `pointer` is its place in the request. No cost: the supplier's
    own."""

    item_id: str
    supplier_id: str
    quantity: Decimal
    pointer: str
    unit_cost: Decimal | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return self.item_id, self.supplier_id


def request_errors(
    requested: Sequence[RequestedLine], conditions: Mapping[tuple[str, str], Condition]
) -> list[InvalidField]:
    """Everything that the conditions, by item and supplier, forbid of the lines."""
    errors = []
    for line in requested:
        condition = conditions.get(line.pair)
        if condition is None:
            errors.append(SupplierNotLinked(line.supplier_id, line.item_id).at(f"{line.pointer}/item_id"))
        elif (wrong := quantity_error(line.quantity, condition, f"{line.pointer}/quantity")) is not None:
            errors.append(wrong)
    return errors


def repeated_line_errors(requested: Sequence[RequestedLine]) -> list[InvalidField]:
    """An error for every line whose item an earlier line orders from the same supplier."""
    pairs: set[tuple[str, str]] = set()
    errors: list[InvalidField] = []
    for line in requested:
        if line.pair in pairs:
            errors.append(duplicate_error(line.item_id, line.pointer))
        pairs.add(line.pair)
    return errors


def order_line(requested: RequestedLine, condition: Condition, product_name: str) -> OrderLine:
    """The line of an order, at the cost asked for or else the supplier's."""
    cost = condition.supplier_cost if requested.unit_cost is None else requested.unit_cost
    return OrderLine(
        item_id=requested.item_id,
        product_name=product_name,
        quantity=round_quantity(requested.quantity),
        received=round_quantity(Decimal(0)),
        unit_cost=round_unit_money(cost),
        lead_time_days=condition.lead_time_days,
        packaging_qty=round_quantity(condition.packaging_qty),
        packaging_unit=condition.packaging_unit,
        supplier_sku=condition.supplier_sku,
    )
