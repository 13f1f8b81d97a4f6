"""Selections and views of the products endpoints."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from shared.domain.campaigns.campaign import CampaignStatus
from shared.domain.forecast_days import ForecastDayView, WindowQuantiles
from shared.domain.money import round_money, round_quantity
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH, Condition
from shared.domain.purchasing.supplier import MAX_SUPPLIER_ID_LENGTH
from shared.http.app import QueryModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.product_row import ProductRow
from shared.http.types import Money, Quantity

MAX_HISTORY_DAYS = 730


def _split(values: object) -> object:
    """`status=a,b` and `status=a&status=b` mean the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


ItemId = Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]
SupplierId = Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]


class ItemPath(BaseModel):
    item_id: ItemId


class ConditionPath(ItemPath):
    supplier_id: SupplierId


class ProductSelection(QueryModel):
    """Filters narrow together. Ranges include their ends; a product without DIR is in no DIR range."""

    search: Annotated[str | None, Field(max_length=200, description="In item_id, sku, name or category.")] = None
    category: str | None = None
    supplier_id: str | None = None
    location_id: Annotated[str | None, Field(description="Return the items' rows at this location.")] = None
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
    sort: Annotated[
        str | None, Field(description="Columns separated by commas, `-` for descending: -stockout_risk,product_name")
    ] = None
    order: str | None = None


class ProductQuery(ProductSelection, NumberedPage):
    """One page of the selected products."""


ExportFormat = Literal["csv", "excel", "parquet"]


class ExportQuery(ProductSelection):
    """All selected products as a file."""

    format: ExportFormat = "csv"


class ProductPage(PageEnvelope):
    items: list[ProductRow]


class CampaignOfProduct(BaseModel):
    campaign_id: str
    name: str
    status: CampaignStatus
    start_date: dt.date
    end_date: dt.date


class CampaignStatusRow(ProductRow):
    campaign: CampaignOfProduct | None = Field(
        description="The running campaign, else the next planned one; null: none"
    )
    running_campaigns: int
    planned_campaigns: int


class CampaignCounts(BaseModel):
    """Number of products under the filter, by the status of their campaign."""

    running: int
    planned: int
    none: int


class CampaignStatusPage(PageEnvelope):
    items: list[CampaignStatusRow]
    counts: CampaignCounts


class HistoryQuery(QueryModel):
    days: Annotated[int, Field(ge=0, le=MAX_HISTORY_DAYS, description="Days of demand history.")] = 90


class DemandDay(BaseModel):
    """What sold on a day."""

    date_local: dt.date
    units_sold: Quantity
    revenue: Money | None


class ForecastSeries(BaseModel):
    """The daily forecast of the product, all locations together, and the run that made it."""

    run_id: str = Field(description="The run that made the forecast.")
    run_date: dt.date = Field(description="The first day that is forecast.")
    engine: str | None = Field(description="The engine that made it; null: the run has no forecast of the product.")
    days: list[ForecastDayView] = Field(description="Each day of the horizon.")


class SupplierCondition(BaseModel):
    supplier_id: str
    supplier_name: str
    lead_time_days: int
    moq: Quantity
    packaging_qty: Quantity
    supplier_cost: Money
    is_primary: bool

    @classmethod
    def of(cls, condition: Condition) -> SupplierCondition:
        return cls(
            supplier_id=condition.supplier_id,
            supplier_name=condition.supplier_name,
            lead_time_days=condition.lead_time_days,
            moq=round_quantity(condition.moq),
            packaging_qty=round_quantity(condition.packaging_qty),
            supplier_cost=round_money(condition.supplier_cost),
            is_primary=condition.is_primary,
        )


class OpenOrderOfProduct(BaseModel):
    """An open purchase order that holds the product."""

    id: str
    po_number: str
    supplier_id: str
    status: OrderStatus
    expected_delivery_date: dt.date | None
    outstanding: Quantity = Field(description="Of the product: ordered and not yet received")


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
    campaigns: list[CampaignOfProduct]
    open_orders: list[OpenOrderOfProduct]


class RiskWindow(BaseModel):
    """The distribution that the stockout risk was computed from."""

    days: int = Field(description="Lead time and safety buffer.")
    quantiles: WindowQuantiles | None = Field(
        description="Of the demand of these days together; null without a forecast."
    )


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
    """The metrics of an item, and what each was computed from."""

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


class ConditionPage(PageEnvelope):
    items: list[SupplierCondition]


class ItemLocation(BaseModel):
    item_id: str
    location_id: str
    current_stock: Quantity


class ItemLocationPage(PageEnvelope):
    items: list[ProductRow]
