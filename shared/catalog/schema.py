"""The columns of the catalog: one row per item, and one per item and location.

The frame of items has a null `location_id`. Both frames are sorted by item_id (and location_id), which is the tiebreak
of every list.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypedDict, cast

import polars as pl

from shared.domain.errors import NotFound, Unavailable

_QUANTITY = pl.Decimal(18, 3)
_MONEY = pl.Decimal(18, 2)
_UNIT_MONEY = pl.Decimal(18, 4)  # what a unit costs or sells for
_VALUE = pl.Decimal(20, 2)  # a billion units of a thing that costs a billion still is a number

# What a product row shows (api.md, "Envelopes").
PUBLIC_COLUMNS: dict[str, pl.DataType] = {
    "item_id": pl.String(),
    "sku": pl.String(),
    "product_name": pl.String(),
    "category": pl.String(),
    "location_id": pl.String(),
    "current_stock": _QUANTITY,
    "on_order": _QUANTITY,
    "inventory_position": _QUANTITY,
    "unit_cost": _UNIT_MONEY,
    "inventory_value": _VALUE,
    "dir": pl.Float64(),
    "stockout_risk": pl.Float64(),
    "status": pl.String(),
    "lifecycle": pl.String(),
    "last_sale": pl.Date(),
    "abc": pl.String(),
    "xyz": pl.String(),
    "expected_daily_demand": pl.Float64(),
    "forecasted_demand_30d": pl.Float64(),
    "lead_time_days": pl.Int64(),
    "sales_at_risk": _VALUE,
    "excess_value": _VALUE,
    "supplier_id": pl.String(),
    "supplier_name": pl.String(),
    "needs_review": pl.Boolean(),
    "as_of": pl.Date(),
}


class CatalogRow(TypedDict):
    """A row of PUBLIC_COLUMNS. `location_id` None: all locations together. Not checked: as the frame has it."""

    item_id: str
    sku: str | None
    product_name: str
    category: str
    location_id: str | None
    current_stock: Decimal
    on_order: Decimal
    inventory_position: Decimal
    unit_cost: Decimal
    inventory_value: Decimal
    dir: float | None
    stockout_risk: float
    status: str
    lifecycle: str
    last_sale: dt.date | None
    abc: str | None
    xyz: str | None
    expected_daily_demand: float
    forecasted_demand_30d: float
    lead_time_days: int
    sales_at_risk: Decimal
    excess_value: Decimal
    supplier_id: str | None
    supplier_name: str | None
    needs_review: bool
    as_of: dt.date


def public_rows(frame: pl.DataFrame) -> list[CatalogRow]:
    """The rows of a frame of the public columns."""
    return cast(list[CatalogRow], frame.rows(named=True))


# What is still to come of one order line; of the item as a whole, at whichever location it is to arrive.
OPEN_LINE = pl.Struct(
    {
        "order_id": pl.String(),
        "po_number": pl.String(),
        "location_id": pl.String(),
        "outstanding": _QUANTITY,
        "expected_delivery_date": pl.Date(),
    }
)


class OpenLineRow(TypedDict):
    """An element of `open_lines`, of the fields of OPEN_LINE; as the frame has it."""

    order_id: str
    po_number: str
    location_id: str | None
    outstanding: Decimal
    expected_delivery_date: dt.date | None


# What the client plans for an item; of the item as a whole, in rows of its locations too.
PLANNING_COLUMNS: dict[str, pl.DataType] = {
    "service_level": pl.Float64(),
    "min_stock": _QUANTITY,
    "max_stock": _QUANTITY,
    "do_not_order": pl.Boolean(),
    "do_not_order_until": pl.Date(),
    "reason": pl.String(),
}
PLANNING = pl.Struct(PLANNING_COLUMNS)


# What an edit needs to compute the row again, and what details and later lists show.
_INNER_COLUMNS: dict[str, pl.DataType] = {
    "unit_price": _UNIT_MONEY,  # null: not known
    "strategic": pl.Boolean(),
    "planning": PLANNING,  # null: all of it is left to the policy
    "committed": _QUANTITY,
    "stock_updated_at": pl.Datetime("us", "UTC"),  # null: never counted, moved or corrected
    "receipts_due": _QUANTITY,  # of on_order, within lead time + safety buffer
    "receipts_covering": _QUANTITY,  # of on_order, within what an order of today must last for
    "ordered_lately": _QUANTITY,  # of receipts_covering, as if ordered within the last review period
    "sale_price": _UNIT_MONEY,  # what a unit brought in its last 90 days with a sale; null: no record has revenue
    "units_sold_28d": _QUANTITY,  # in the last 28 days; null: no record of the item
    "days_per_sale": pl.Float64(),  # known days for each day with a sale; null: never sold
    "usual_daily_demand": pl.Float64(),  # units a known day of the last year; null: no record of the item
    "cost_basis": pl.String(),  # which cost values the stock; null: none is known
    "price_basis": pl.String(),  # which price sales_at_risk is at; null: none is known
    "demand_basis": pl.String(),
    "risk_basis": pl.String(),
    "service_level": pl.Float64(),
    "order_up_to": _QUANTITY,  # what the ordering policy wants the inventory position to be
    "reorder_quantity": _QUANTITY,  # what it orders now; of a location its share of what is ordered of the item
    "transfer_in": _QUANTITY,  # what other locations have too much of and this one lacks; of the item as a whole 0
    "order_within_days": pl.Int64(),  # how long it can wait with the order; null: nothing is expected to sell
    "open_lines": pl.List(OPEN_LINE),  # null in rows of a location, and where nothing is on order
    "moq": _QUANTITY,  # null without a supplier, as the next two
    "packaging_qty": _QUANTITY,
    "supplier_cost": _UNIT_MONEY,
    "demand_pattern": pl.String(),
    "first_record": pl.Date(),
}

ROW_SCHEMA = pl.Schema(PUBLIC_COLUMNS | _INNER_COLUMNS)
SORTABLE = tuple(PUBLIC_COLUMNS)
# What an export has: a row of the list, and what else an import of products takes.
EXPORTED_COLUMNS = (
    PUBLIC_COLUMNS | {name: _INNER_COLUMNS[name] for name in ("unit_price", "strategic")} | PLANNING_COLUMNS
)

# Small tables beside the rows, by the name of their key. An edit replaces a record as a whole, or removes it.
SIDE_TABLES: dict[str, pl.Schema] = {
    "suppliers": pl.Schema(  # all that their list shows
        {
            "supplier_id": pl.String(),
            "external_id": pl.String(),
            "name": pl.String(),
            "contact_name": pl.String(),
            "contact_email": pl.String(),
            "contact_phone": pl.String(),
            "address": pl.String(),
            "supplier_type": pl.String(),
            "payment_terms": pl.String(),
            "lead_time_days": pl.Int64(),
            "minimum_order_value": _MONEY,
            "notes": pl.String(),
            "is_synced": pl.Boolean(),
            "created_at": pl.Datetime("us", "UTC"),
            "updated_at": pl.Datetime("us", "UTC"),
        }
    ),
    "campaigns": pl.Schema(  # running and planned ones
        {
            "campaign_id": pl.String(),
            "name": pl.String(),
            "campaign_type": pl.String(),
            "start_date": pl.Date(),
            "end_date": pl.Date(),
            "given_status": pl.String(),  # null: that of its dates
            "given_on": pl.Date(),
            "item_ids": pl.List(pl.String()),
        }
    ),
    "dismissals": pl.Schema(
        {
            "recommendation_id": pl.String(),
            "until": pl.Date(),  # null: for good
            "dismissed_by": pl.String(),
            "dismissed_at": pl.Datetime("us", "UTC"),
        }
    ),
}
KEY = ("item_id", "location_id")


class CatalogMoving(Unavailable):
    """The catalog is being replaced; try again shortly."""

    code = "catalog_moving"

    def __init__(self) -> None:
        super().__init__("the catalog is being replaced; try again shortly")


class CatalogNotReady(NotFound):
    """No metrics have been computed yet, so there are no lists."""

    code = "catalog_not_ready"


CATALOG_ERRORS = (CatalogNotReady, CatalogMoving)
"""What reading the catalog can give."""
