"""What the products endpoints take and give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from shared.domain.campaigns.campaign import CampaignStatus
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.money import round_money, round_quantity
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_quantity import MAX_QUANTITY
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH, UNCATEGORIZED
from shared.domain.purchasing.supplier import MAX_SUPPLIER_ID_LENGTH
from shared.http.app import BodyModel, QueryModel
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.product_row import ProductRow
from shared.http.types import Money, Quantity

MAX_HISTORY_DAYS = 730
MAX_UNIT_COST = 1_000_000_000  # as in imports
MAX_BATCH = 250
MAX_CONDITION_LEAD_TIME_DAYS = 3650


def _split(values: object) -> object:
    """`status=a,b` and `status=a&status=b` mean the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


def _to_cents(cost: Decimal) -> Decimal:
    return round_money(cost)


def _to_units(quantity: Decimal) -> Decimal:
    return round_quantity(quantity)


ItemId = Annotated[str, Field(min_length=1, max_length=MAX_ITEM_ID_LENGTH)]
SupplierId = Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]


class ItemPath(BaseModel):
    item_id: ItemId


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
    """The distribution that the stockout risk was computed from."""

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


Name = Annotated[str, Field(min_length=1, max_length=500)]
Sku = Annotated[str | None, Field(max_length=200)]
Category = Annotated[str, Field(min_length=1, max_length=200)]
Cost = Annotated[Money, Field(ge=0, le=MAX_UNIT_COST, decimal_places=2), AfterValidator(_to_cents)]


class ProductPatch(BodyModel):
    """Omitted fields stay as they are."""

    product_name: Name = Field(default_factory=str)
    sku: Sku = None
    category: Category = Field(default_factory=str)
    unit_cost: Cost = Field(default_factory=Decimal)
    needs_review: bool = Field(default_factory=bool)
    strategic: bool = Field(default_factory=bool)


class ProductBody(BodyModel):
    """All fields of a product; omitted fields take their defaults."""

    product_name: Name
    sku: Sku = None
    category: Category = UNCATEGORIZED
    unit_cost: Cost = Field(default_factory=lambda: Decimal("0.00"))
    needs_review: bool = False
    strategic: bool = False


class ProductFields(ProductBody):
    """A product after a change."""

    item_id: str


class ProductUpdate(ProductPatch):
    """One update of a batch: the product, and the fields that change."""

    item_id: ItemId


class ProductBatch(BodyModel):
    """Each update is checked on its own: an invalid one does not stop the others."""

    updates: Annotated[
        list[Annotated[dict[str, Any], WithJsonSchema(ProductUpdate.model_json_schema())]],
        Field(min_length=1, max_length=MAX_BATCH),
    ]


class UpdateError(BaseModel):
    """Why an update was not made, as in a problem document."""

    code: str
    detail: str
    errors: list[dict[str, str]]


class UpdateResult(BaseModel):
    item_id: Annotated[str | None, Field(description="null: the update named no item.")]
    status: Literal["updated", "unchanged", "failed"]
    error: UpdateError | None


class BatchResult(BaseModel):
    """A result for each update, in the order of the updates."""

    items: list[UpdateResult]


class ConditionPath(ItemPath):
    supplier_id: SupplierId


class ConditionPage(PageEnvelope):
    items: list[SupplierCondition]


LeadTime = Annotated[int, Field(ge=0, le=MAX_CONDITION_LEAD_TIME_DAYS)]
Amount = Annotated[Quantity, Field(ge=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(_to_units)]
Pack = Annotated[Quantity, Field(gt=0, le=MAX_QUANTITY, decimal_places=3), AfterValidator(_to_units)]


class NewConditionBody(BodyModel):
    """A supplier of the product and its purchase terms."""

    supplier_id: SupplierId
    lead_time_days: Annotated[
        LeadTime | None, Field(description="Days. Default: the supplier's, else that of the settings.")
    ] = None
    moq: Amount = Field(default_factory=lambda: Decimal("0.000"), description="Default: 0.")
    packaging_qty: Pack = Field(default_factory=lambda: Decimal("1.000"), description="Default: 1.")
    supplier_cost: Cost
    is_primary: Annotated[bool | None, Field(description="Default: true for the product's first supplier.")] = None


class ConditionBody(BodyModel):
    """Omitted fields stay as they are."""

    lead_time_days: LeadTime = Field(default_factory=int)
    moq: Amount = Field(default_factory=Decimal)
    packaging_qty: Pack = Field(default_factory=Decimal)
    supplier_cost: Cost = Field(default_factory=Decimal)
    is_primary: bool = Field(default_factory=bool)


class ItemLocationBody(BodyModel):
    location_id: Annotated[str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH)]
    current_stock: Amount = Field(default_factory=lambda: Decimal("0.000"), description="Default: 0.")


class ItemLocation(BaseModel):
    item_id: str
    location_id: str
    current_stock: Quantity


class ItemLocationPage(PageEnvelope):
    items: list[ProductRow]
