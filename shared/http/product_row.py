"""A row of the catalog as every product list answers with it."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from shared.domain.planning.stock_status import StockStatus
from shared.http.types import Money, Quantity


class ProductRow(BaseModel):
    """A row of every product list (api.md, "Envelopes")."""

    item_id: str
    sku: str | None
    product_name: str
    category: str
    location_id: str | None = Field(description="null: all locations together")
    current_stock: Quantity
    on_order: Quantity
    inventory_position: Quantity
    unit_cost: Money
    inventory_value: Money
    dir: float | None = Field(description="Days of inventory remaining; null: nothing is expected to sell")
    stockout_risk: float
    status: StockStatus
    expected_daily_demand: float
    forecasted_demand_30d: float
    lead_time_days: int
    supplier_id: str | None
    supplier_name: str | None
    needs_review: bool
    as_of: dt.date
