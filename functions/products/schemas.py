"""What the products endpoints take and give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from shared.domain.product import MAX_ITEM_ID_LENGTH, UNCATEGORIZED
from shared.domain.stock_status import StockStatus
from shared.http.app import BodyModel, QueryModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.types import Money, Quantity

MAX_HISTORY_DAYS = 730
MAX_UNIT_COST = 1_000_000_000  # as in imports


def _split(values: object) -> object:
    """`status=a,b` and `status=a&status=b` mean the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


def _to_cents(cost: Decimal) -> Decimal:
    return cost.quantize(Decimal("0.01"))


class ItemPath(BaseModel):
    item_id: Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]


class ProductQuery(NumberedPage):
    """Filters narrow together. Ranges include their ends; a product without DIR is in no DIR range."""

    search: Annotated[str | None, Field(max_length=200, description="In item_id, sku, name or category.")] = None
    category: str | None = None
    supplier_id: str | None = None
    location_id: Annotated[str | None, Field(description="Rows of the items at this location.")] = None
    status: Annotated[list[StockStatus] | None, BeforeValidator(_split)] = None
    dead_stock: bool | None = None
    marketing_threshold: Literal["below", "above"] | None = None
    needs_review: bool | None = None
    min_dir: Annotated[float | None, Field(ge=0)] = None
    max_dir: Annotated[float | None, Field(ge=0)] = None
    min_risk: Annotated[float | None, Field(ge=0, le=1)] = None
    max_risk: Annotated[float | None, Field(ge=0, le=1)] = None
    min_stock: Decimal | None = None
    max_stock: Decimal | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    sort: Annotated[str | None, Field(description="Columns, - for descending: -stockout_risk,product_name")] = None
    order: str | None = None


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


class ProductPage(PageEnvelope):
    items: list[ProductRow]


class HistoryQuery(QueryModel):
    days: Annotated[int, Field(ge=0, le=MAX_HISTORY_DAYS, description="Days of demand history.")] = 90


class DemandDay(BaseModel):
    date_local: dt.date
    units_sold: Quantity
    revenue: Money | None


class ForecastSeries(BaseModel):
    """The daily forecast; each day is {date_local, mean, q05, ..., q95}."""

    run_id: str
    run_date: dt.date
    engine: str | None
    days: list[dict[str, Any]]


class SupplierCondition(BaseModel):
    supplier_id: str
    supplier_name: str
    lead_time_days: int
    moq: Quantity
    packaging_qty: Quantity
    supplier_cost: Money
    is_primary: bool


class ProductDetail(ProductRow):
    strategic: bool
    abc: str | None
    xyz: str | None
    demand_pattern: str | None
    lifecycle: str | None
    first_record: dt.date | None
    last_sale: dt.date | None
    stock_per_location: list[ProductRow]
    suppliers: list[SupplierCondition]
    demand_history: list[DemandDay]
    forecast: ForecastSeries | None
    campaigns: list[dict[str, Any]]
    open_orders: list[dict[str, Any]]


class RiskWindow(BaseModel):
    """The distribution that the stockout risk was read off."""

    days: int
    quantiles: dict[str, float] | None = Field(description="Of total demand over the window; null without a forecast.")


class ComputedFrom(BaseModel):
    demand_basis: str
    risk_basis: str
    forecast_run_id: str | None
    forecast_run_date: dt.date | None
    current_stock: Quantity
    receipts_due: Quantity
    on_order: Quantity
    committed: Quantity
    unit_cost: Money
    lead_time_days: int
    safety_buffer_days: int
    understocked_threshold: int
    overstocked_threshold: int
    dead_stock_days: int
    last_sale: dt.date | None
    risk_window: RiskWindow


class ProductMetrics(BaseModel):
    """The metrics of an item, or of it at each location, and what each was computed from."""

    item_id: str
    dir: float | None
    stockout_risk: float
    expected_daily_demand: float
    forecasted_demand_30d: float
    inventory_position: Quantity
    inventory_value: Money
    status: StockStatus
    as_of: dt.date
    computed_from: ComputedFrom


Name = Annotated[str, Field(min_length=1, max_length=500)]
Sku = Annotated[str | None, Field(max_length=200)]
Category = Annotated[str, Field(min_length=1, max_length=200)]
Cost = Annotated[Money, Field(ge=0, le=MAX_UNIT_COST, decimal_places=2), AfterValidator(_to_cents)]


class ProductPatch(BodyModel):
    """Fields left out stay as they are: what is made up for them here is not looked at."""

    product_name: Name = Field(default_factory=str)
    sku: Sku = None
    category: Category = Field(default_factory=str)
    unit_cost: Cost = Field(default_factory=Decimal)
    needs_review: bool = Field(default_factory=bool)
    strategic: bool = Field(default_factory=bool)


class ProductBody(BodyModel):
    """All fields of a product; what is left out takes its default."""

    product_name: Name
    sku: Sku = None
    category: Category = UNCATEGORIZED
    unit_cost: Cost = Field(default_factory=lambda: Decimal("0.00"))
    needs_review: bool = False
    strategic: bool = False


class ProductFields(ProductBody):
    """A product as it is after a change."""

    item_id: str
