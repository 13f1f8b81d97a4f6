"""What the dashboard gives."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from shared.http.app import QueryModel
from shared.http.types import Money, Quantity


class DashboardQuery(QueryModel):
    location_id: str | None = None


class DashboardRow(BaseModel):
    item_id: str
    product_name: str
    category: str
    location_id: str | None
    current_stock: Quantity
    inventory_value: Money
    dir: float | None
    stockout_risk: float
    status: str
    supplier_id: str | None
    supplier_name: str | None


class DashboardMetrics(BaseModel, from_attributes=True):
    total_skus: int
    total_inventory_value: Money
    understocked_count: int
    overstocked_count: int
    dead_stock_count: int
    average_dir: float | None = Field(description="Mean DIR, in days, of products that are expected to sell.")
    understocked_value: Money
    overstocked_value: Money
    dead_stock_value: Money


Severity = Literal["critical", "warning", "info"]


class Alert(BaseModel):
    """Something to act on: how many products, and where to see them."""

    code: str
    severity: Severity
    count: int
    message: str
    link: str


class Dashboard(BaseModel):
    metrics: DashboardMetrics
    top_understocked: list[DashboardRow] = Field(description="The five highest stockout risks.")
    top_overstocked: list[DashboardRow] = Field(description="The five highest DIR.")
    alerts: list[Alert]
    as_of: dt.date
    computed_at: dt.datetime
    forecast_run_id: str | None
