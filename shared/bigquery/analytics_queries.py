"""Stock over time, and what suppliers delivered of what they promised."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from shared.bigquery.query import Query, RowQuery

# An order counts if it was placed at most this long before the first day of the period.
ORDER_LIFETIME_DAYS = 400


class StockDay(NamedTuple):
    """The stock of a day, how many of its `items` have each status, and what these are worth.

    `average_dir` is that of the dashboard; null where nothing is expected to sell. Money at stake is null where it was
    not kept.
    """

    date: dt.date
    items: int
    inventory_value: Decimal
    units: Decimal
    on_order: Decimal
    dead_stock: int
    understocked: int
    overstocked: int
    normal: int
    dead_stock_value: Decimal
    understocked_value: Decimal
    overstocked_value: Decimal
    normal_value: Decimal
    average_dir: float | None
    sales_at_risk: Decimal | None
    excess_value: Decimal | None


class SupplierDeliveries(NamedTuple):
    """What a supplier delivered; what cannot be told without a line due, or without a receipt, is null."""

    supplier_id: str
    lines_due: int | None
    lines_on_time_in_full: int | None
    lines_in_full: int | None
    units_due: Decimal | None
    units_received: Decimal | None
    lead_time_days_mean: float | None
    lead_time_days_deviation: float | None
    lead_times: int | None
    spend: Decimal | None


# The rows of the last day with metrics within each of two spans of days; as Arrow, for it has a row an item.
EARLIER_METRICS = Query("earlier_metrics")
INVENTORY_TRENDS = RowQuery("inventory_trends", StockDay)
SUPPLIER_PERFORMANCE = RowQuery("supplier_performance", SupplierDeliveries)
