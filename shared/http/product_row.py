"""A row of the catalog as every product list answers with it."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from shared.domain.planning.stock_status import Lifecycle, StockStatus
from shared.http.types import Money, Quantity, UnitMoney


class ProductRow(BaseModel):
    """A row of every product list (api.md, "Envelopes")."""

    item_id: str = Field(description="The client's id of the product")
    sku: str | None = Field(description="Stock keeping unit, where it is not the item_id; null: none")
    product_name: str = Field(description="Name")
    category: str = Field(description='Category; "Uncategorized" where none is known')
    location_id: str | None = Field(description="Location that the row is of; null: all locations together")
    current_stock: Quantity = Field(description="Units in stock")
    on_order: Quantity = Field(description="Units ordered and not yet received")
    inventory_position: Quantity = Field(description="Units in stock and on order, less committed ones")
    unit_cost: UnitMoney = Field(description="What a unit costs, in the client's currency")
    inventory_value: Money = Field(
        description="Stock at cost, in the client's currency; without a unit_cost at the supplier's"
    )
    dir: float | None = Field(description="Days of inventory remaining; null: nothing is expected to sell")
    stockout_risk: float = Field(
        ge=0, le=1, description="Probability of running out before an order placed now arrives, 0 to 1"
    )
    status: StockStatus = Field(description="Stock status, by the thresholds of the settings")
    lifecycle: Lifecycle = Field(
        description="new, active, slow (sells rarely), sleeping (unsold for dead_stock_days) or dead (and not expected "
        "to sell any more)"
    )
    last_sale: dt.date | None = Field(description="Day of the last sale; null: none on record")
    abc: str | None = Field(description="ABC class, by revenue, of the last forecast: A, B or C; null: not classified")
    xyz: str | None = Field(
        description="XYZ class, by steadiness, of the last forecast: X, Y or Z; null: not classified"
    )
    expected_daily_demand: float = Field(description="Units expected to sell a day")
    forecasted_demand_30d: float = Field(description="Units expected to sell in the next 30 days")
    lead_time_days: int = Field(description="Days from order to arrival, of the supplier that planning uses")
    sales_at_risk: Money = Field(
        description="Sales expected to be lost until the next order could arrive, at the sale price, in the client's "
        "currency"
    )
    excess_value: Money = Field(
        description="Stock beyond overstocked_threshold days of expected demand, at cost, in the client's currency"
    )
    supplier_id: str | None = Field(description="Supplier that planning uses; null: none is linked")
    supplier_name: str | None = Field(description="Its name")
    needs_review: bool = Field(description="Whether an import had to fill in the name, the category or the cost")
    as_of: dt.date = Field(description="Business date that the figures are of")
