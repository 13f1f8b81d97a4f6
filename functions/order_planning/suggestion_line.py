"""A line of the suggestions: a row of the catalog, with the quantity to order taken apart and put into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from functions.order_planning.allocation import AllocationView
from functions.order_planning.schemas import PlannedColumns, Suggestion
from functions.order_planning.transfer_schemas import ItemTransfer
from shared.catalog.live import Catalog
from shared.catalog.schema import OpenLineRow
from shared.domain.money import plain
from shared.domain.planning.replenishment import Reorder, explain


class PlannedRow(PlannedColumns):
    """A row of the catalog with what is ordered of it, and under which terms."""

    receipts_covering: Decimal
    order_up_to: Decimal
    service_level: float
    order_within_days: int | None
    reorder_quantity: Decimal
    order_quantity: Decimal
    open_lines: list[OpenLineRow] | None
    planning: Mapping[str, Any] | None
    moq: Decimal | None
    packaging_qty: Decimal | None
    supplier_cost: Decimal | None
    supplier_id: str | None
    supplier_name: str | None


class PricedRow(PlannedRow):
    """With what the quantity to order costs; None where nobody sells the item."""

    total_price: Decimal | None


_NOTHING_PLANNED: Mapping[str, Any] = {"min_stock": None, "max_stock": None}
PLANNED = tuple(PlannedRow.__annotations__)
_TRANSFERS_TOLD = 3
_SHOWN = tuple(PlannedColumns.__annotations__)


def suggestion_line(row: PricedRow, catalog: Catalog, allocation: AllocationView, *, in_cart: bool) -> Suggestion:
    """The row as a suggestion. Not validated: its figures are the catalog's own."""
    as_of = catalog.pointer.as_of
    whole = row["location_id"] is None
    planning = row["planning"] or _NOTHING_PLANNED
    overdue, overdue_since = _overdue(row["open_lines"] or (), as_of)
    reorder = Reorder(
        current_stock=row["current_stock"],
        on_order=row["on_order"],
        receipts_covering=row["receipts_covering"],
        overdue=overdue,
        overdue_since=overdue_since,
        inventory_position=row["inventory_position"],
        order_up_to=row["order_up_to"],
        quantity=row["reorder_quantity"],
        dir=row["dir"],
        sales_at_risk=row["sales_at_risk"],
        expected_daily_demand=row["expected_daily_demand"],
        units_sold_28d=row["units_sold_28d"],
        last_sale=row["last_sale"],
        lifecycle=row["lifecycle"],
        lead_time_days=row["lead_time_days"],
        service_level=row["service_level"],
        order_within_days=row["order_within_days"],
        moq=row["moq"],
        packaging_qty=row["packaging_qty"],
        min_stock=planning["min_stock"] if whole else None,
        max_stock=planning["max_stock"] if whole else None,
        share_of=None if whole else row["order_quantity"],
    )
    explanation = explain(reorder, catalog.settings, as_of)
    shown = cast(PlannedColumns, {name: row[name] for name in _SHOWN})  # type: ignore[literal-required]
    return {
        **shown,
        "quantity": reorder.quantity,
        "order_quantity": row["order_quantity"],
        "order_up_to": reorder.order_up_to,
        "level": reorder.service_level,
        "need": explanation.need,
        "moq": row["moq"],
        "moq_uplift": explanation.moq_uplift,
        "packaging_qty": row["packaging_qty"],
        "pack_uplift": explanation.pack_uplift,
        "unit_cost": row["supplier_cost"],
        "total_price": row["total_price"],
        "days_of_cover_after_receipt": explanation.days_of_cover_after_receipt,
        "order_by_date": explanation.order_by_date,
        "expected_arrival": explanation.expected_arrival,
        "allocation": allocation.allocation,
        "transfers": allocation.transfers,
        "in_cart": in_cart,
        "reason": explanation.reason + _what_to_move(allocation.transfers),
    }


def _what_to_move(transfers: Sequence[ItemTransfer]) -> str:
    """The transfers in words; of many the largest."""
    if not transfers:
        return ""
    told = [
        f"{plain(transfer['quantity'])} from {transfer['from_location_id']} to {transfer['to_location_id']}"
        for transfer in transfers[:_TRANSFERS_TOLD]
    ]
    more = len(transfers) - len(told)
    return f" First move {', '.join(told)}{f', and {more} transfers more' if more else ''}."


def _overdue(lines: Sequence[OpenLineRow], as_of: dt.date) -> tuple[Decimal, dt.date | None]:
    """What was due before the catalog's day, and since when."""
    dates, units = [], Decimal(0)
    for line in lines:
        due = line["expected_delivery_date"]
        if due is not None and due < as_of:
            dates.append(due)
            units += line["outstanding"]
    return units, min(dates, default=None)
