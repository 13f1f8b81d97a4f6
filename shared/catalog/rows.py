"""Rows of the catalog as lists answer with them: the public columns, from the frame into the answer as they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypedDict, cast

import polars as pl


class CatalogRow(TypedDict):
    """The public columns of the catalog by name (schema.py, PUBLIC_COLUMNS)."""

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
    expected_daily_demand: float
    forecasted_demand_30d: float
    lead_time_days: int
    supplier_id: str | None
    supplier_name: str | None
    needs_review: bool
    as_of: dt.date


class OpenLineRow(TypedDict):
    """What is still to come of one order line (schema.py, OPEN_LINE)."""

    order_id: str
    po_number: str
    location_id: str | None
    outstanding: Decimal
    expected_delivery_date: dt.date | None


_COLUMNS = list(CatalogRow.__annotations__)


def public_rows(frame: pl.DataFrame) -> list[CatalogRow]:
    """The rows of a frame of the catalog, public columns only."""
    return cast(list[CatalogRow], frame[_COLUMNS].rows(named=True))
