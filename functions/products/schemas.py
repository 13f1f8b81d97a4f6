"""Selections and views of the products endpoints."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.products.edit_schemas import PlanningFields
from shared.catalog.listing import ProductFilter
from shared.catalog.schema import EXPORTED_COLUMNS
from shared.domain.campaigns.campaign import CampaignStatus
from shared.domain.forecast_days import ForecastDayView, WindowQuantiles
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.money import round_quantity, round_unit_money
from shared.domain.planning.basis import CostBasis, SalePriceBasis
from shared.domain.planning.stock_status import StockStatus
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import Condition
from shared.firestore.versioned import Versioned
from shared.http.app import QueryModel
from shared.http.identifiers import ItemId, SupplierId
from shared.http.paging import NumberedPage, PageEnvelope
from shared.http.product_filter import product_filter, with_product_filters
from shared.http.product_row import ProductRow
from shared.http.row_fields import chosen_fields
from shared.http.types import Money, Percent, Quantity, UnitMoney

MAX_HISTORY_DAYS = 730


class ItemPath(BaseModel):
    item_id: ItemId


class ConditionPath(ItemPath):
    supplier_id: SupplierId


class ItemLocationPath(ItemPath):
    location_id: Annotated[
        str, Field(min_length=1, max_length=MAX_LOCATION_ID_LENGTH, description="The id of the location.")
    ]


class ProductFilters(with_product_filters(QueryModel)):  # type: ignore[misc]
    """Filters narrow together, several values of one to any of them. Ranges include their ends; a product without a
    value is in no range of it. With location_id the rows are those of the products at these locations."""

    def selection(self) -> ProductFilter:
        return product_filter(self)


class ProductSelection(ProductFilters):
    """Products under filters, in an order."""

    sort: Annotated[
        str | None,
        Field(
            max_length=500,
            description="Columns separated by commas, `-` for descending: -stockout_risk,product_name. Names are "
            "sorted as people sort them; products alike in all columns by item_id.",
        ),
    ] = None
    order: Annotated[
        str | None, Field(max_length=10, description="asc or desc: for all columns of sort without a sign.")
    ] = None


class ProductQuery(ProductSelection, NumberedPage):
    """One page of the selected products."""


ExportFormat = Literal["csv", "excel", "parquet"]


class ExportQuery(ProductSelection):
    """All selected products as a file."""

    format: Annotated[ExportFormat, Field(description="Kind of file.")] = "csv"
    fields: Annotated[
        str | None,
        Field(max_length=2_000, description="Names of columns, comma-separated: those alone, in this order."),
    ] = None

    def columns(self) -> tuple[str, ...]:
        """The file's columns; raises UnknownField."""
        return chosen_fields(self.fields or "", tuple(EXPORTED_COLUMNS)) or tuple(EXPORTED_COLUMNS)


class ProductPage(PageEnvelope):
    items: list[ProductRow] = Field(description="The page's rows")


class CategoriesQuery(ProductFilters, NumberedPage):
    """One page of the categories of the selected products."""


class CategoryCount(BaseModel):
    """A category, and how many products under the filter are in it."""

    category: str = Field(description="Its name; where it is written in several ways, the commonest")
    count: int = Field(description="Number of products under the filter that are in it, however it is written")


class CategoryPage(PageEnvelope):
    items: list[CategoryCount] = Field(description="The page's categories, by name")


class CampaignOfProduct(BaseModel):
    campaign_id: str = Field(description="The campaign's id.")
    name: str = Field(description="What the campaign is called.")
    campaign_type: str | None = Field(description="What kind of campaign it is, in the client's own words.")
    status: CampaignStatus = Field(description="Its status today.")
    start_date: dt.date = Field(description="The first day of the campaign.")
    end_date: dt.date = Field(description="The last day of the campaign, included.")


class CampaignWithTerms(CampaignOfProduct):
    """A campaign with what it says of the product."""

    discount: Annotated[Percent, Field(description="Percent off the product's usual price; null: unknown.")] | None
    target_audience: str | None = Field(description="Whom the product is offered to.")


class CampaignStatusRow(ProductRow):
    campaign: CampaignOfProduct | None = Field(
        description="The running campaign, else the next planned one; null: none"
    )
    running_campaigns: int = Field(description="Number of running campaigns that the product is in")
    planned_campaigns: int = Field(description="Number of planned campaigns that the product is in")


class CampaignCounts(BaseModel):
    """Number of products under the filter, by the status of their campaign."""

    running: int = Field(description="Number of products in a running campaign")
    planned: int = Field(description="Number of products in a planned campaign and in no running one")
    none: int = Field(description="Number of products in neither")


class CampaignStatusPage(PageEnvelope):
    items: list[CampaignStatusRow] = Field(description="The page's products")
    counts: CampaignCounts = Field(description="Of all pages")


class HistoryQuery(QueryModel):
    days: Annotated[
        int, Field(ge=0, le=MAX_HISTORY_DAYS, description="Days of demand history, up to the day before as_of.")
    ] = 90
    orders_page: Annotated[int, Field(ge=1, le=1_000_000, description="Which page of the product's orders.")] = 1
    orders_page_size: Annotated[int, Field(ge=1, le=200, description="Orders of the product per page.")] = 20


class DemandDay(BaseModel):
    """What sold on a day, at all locations together, and what is known of the day; null: not on record."""

    date_local: dt.date = Field(description="The day, by the client's calendar.")
    units_sold: Quantity = Field(description="Units sold on it; 0 where nothing is on record.")
    revenue: Money | None = Field(description="What they brought.")
    promotion_flag: bool | None = Field(description="Whether there was a promotion at any location.")
    holiday_flag: bool | None = Field(description="Whether it was a holiday at any location.")
    is_weekend: bool = Field(description="Whether it was a Saturday or a Sunday.")
    marketing_spend: Money | None = Field(description="What marketing cost on it.")
    stock_on_date: Quantity | None = Field(description="Units in stock, at the locations that say so.")


class ForecastSeries(BaseModel):
    """The daily forecast of the product, all locations together, and the run that made it."""

    run_id: str = Field(description="The run that made the forecast.")
    run_date: dt.date = Field(description="The first day that is forecast.")
    engine: str | None = Field(description="The engine that made it; null: the run has no forecast of the product.")
    days: list[ForecastDayView] = Field(description="Each day of the horizon.")


class SupplierCondition(BaseModel):
    """A supplier of the product and its purchase terms."""

    supplier_id: Annotated[str, Field(description="The supplier's id.")]
    supplier_name: Annotated[str, Field(description="The supplier's name.")]
    supplier_sku: Annotated[str | None, Field(description="The product's number at the supplier; null: not known.")]
    lead_time_days: Annotated[int, Field(description="Days from order to receipt.")]
    moq: Annotated[Quantity, Field(description="Least quantity of an order, in units.")]
    packaging_unit: Annotated[str | None, Field(description="What it is packed in, such as a box; null: not known.")]
    packaging_qty: Annotated[Quantity, Field(description="Units in a pack; orders are multiples of it.")]
    supplier_cost: Annotated[UnitMoney, Field(description="What a unit costs, in the client's currency.")]
    is_primary: Annotated[bool, Field(description="Whether planning goes by this supplier; one at most does.")]
    notes: Annotated[str | None, Field(description="Anything else, for people.")]
    is_synced: Annotated[bool, Field(description="Whether the link came from the client's own system.")]
    created_at: Annotated[dt.datetime, Field(description="When the supplier was linked, UTC.")]
    updated_at: Annotated[dt.datetime, Field(description="When the terms were last changed, UTC.")]

    @classmethod
    def of(cls, version: Versioned[Condition]) -> SupplierCondition:
        condition = version.value
        return cls.model_validate(
            vars(condition)
            | version.moments()
            | {
                "moq": round_quantity(condition.moq),
                "packaging_qty": round_quantity(condition.packaging_qty),
                "supplier_cost": round_unit_money(condition.supplier_cost),
            }
        )


class OrderOfProduct(BaseModel):
    """A purchase order that holds the product; quantities and cost are the product's."""

    id: str = Field(description="The order's id.")
    po_number: str = Field(description="The order's number.")
    supplier_id: str = Field(description="Whom it was placed with.")
    status: OrderStatus = Field(description="How far it is.")
    location_id: str | None = Field(description="Where it is delivered; null: not said.")
    order_date: dt.date = Field(description="The client's day on which it was placed.")
    expected_delivery_date: dt.date | None = Field(description="When it is expected; null: not known.")
    quantity: Quantity = Field(description="Units ordered.")
    received: Quantity = Field(description="Units that have arrived.")
    outstanding: Quantity = Field(description="Units still to come; 0 of an order that is over.")
    unit_cost: UnitMoney = Field(description="What a unit costs, in the order's currency.")


class OrdersOfProduct(PageEnvelope):
    """Orders of the product, open and past, the newest first: a page of them."""

    items: list[OrderOfProduct]


_COST_BASIS: Any = Field(description="Which cost values the stock: unit_cost, else supplier_cost; null: none is known")
_PRICE_BASIS: Any = Field(
    description="Which price sales_at_risk is at: of the last 90 days with sales, else unit_price, else the cost that "
    "values the stock; null: none is known"
)


class ProductDetail(ProductRow):
    unit_price: UnitMoney | None = Field(description="What a unit sells for, in the client's currency; null: not known")
    strategic: bool = Field(description="Whether it stays in stock even if it does not sell: never dead stock")
    planning: PlanningFields | None = Field(
        description="What is planned for the item itself; null: all of it is left to the settings"
    )
    cost_basis: CostBasis | None = _COST_BASIS
    price_basis: SalePriceBasis | None = _PRICE_BASIS
    demand_pattern: str | None = Field(
        description="Of the last forecast: smooth, erratic, intermittent or lumpy; null: not classified"
    )
    first_record: dt.date | None = Field(description="First day with a sales record; null: none")
    created_at: dt.datetime = Field(description="When the product was added, UTC")
    updated_at: dt.datetime = Field(description="When one of its own fields was last changed, UTC")
    stock_per_location: list[ProductRow] = Field(description="The product's row at each of its locations")
    suppliers: list[SupplierCondition] = Field(description="Who sells it on which terms, the primary supplier first")
    demand_history: list[DemandDay] = Field(description="The last days before as_of, those without a sale too")
    forecast: ForecastSeries | None = Field(description="Of the run that lists use; null: there is none")
    campaigns: list[CampaignWithTerms] = Field(description="Campaigns that it is in")
    orders: OrdersOfProduct


class RiskWindow(BaseModel):
    """The distribution that the stockout risk was computed from."""

    days: int = Field(description="Lead time and safety buffer.")
    quantiles: WindowQuantiles | None = Field(
        description="Of the demand of these days together; null without a forecast."
    )


class ComputedFrom(BaseModel):
    """What the metrics were computed from."""

    demand_basis: str = Field(description="Where expected demand is from: forecast, recent_sales or none.")
    risk_basis: str = Field(description="Where the stockout risk is from: forecast, recent_sales or none.")
    forecast_run_id: str | None = Field(description="The run that lists use; null: there is none.")
    forecast_run_date: dt.date | None = Field(description="Its first forecast day.")
    current_stock: Quantity = Field(description="Units in stock.")
    receipts_due: Quantity = Field(description="Units on order that arrive within the risk window.")
    on_order: Quantity = Field(description="Units ordered and not yet received.")
    committed: Quantity = Field(description="Units promised to customers.")
    unit_cost: UnitMoney = Field(description="What a unit costs; 0: not known.")
    supplier_cost: UnitMoney | None = Field(
        description="What the supplier that planning uses asks for a unit; null: none is linked."
    )
    cost_basis: CostBasis | None = _COST_BASIS
    sale_price: UnitMoney | None = Field(
        description="What a unit brought in the last 90 days with a sale; null: no record has revenue."
    )
    unit_price: UnitMoney | None = Field(description="What a unit sells for, as the client says; null: not known.")
    price_basis: SalePriceBasis | None = _PRICE_BASIS
    lead_time_days: int = Field(description="Days from order to arrival, of the supplier that planning uses.")
    safety_buffer_days: int = Field(description="Of the settings, in days.")
    understocked_threshold: int = Field(description="Of the settings, in days of inventory.")
    overstocked_threshold: int = Field(description="Of the settings, in days of inventory.")
    dead_stock_days: int = Field(description="Of the settings: days without a sale.")
    last_sale: dt.date | None = Field(description="Day of the last sale; null: none on record.")
    risk_window: RiskWindow = Field(description="The days that the stockout risk looks at.")


class MetricsQuery(QueryModel):
    location_id: Annotated[
        str | None,
        Field(max_length=MAX_LOCATION_ID_LENGTH, description="At this location; default: all locations together."),
    ] = None


class ProductMetrics(BaseModel):
    """The metrics of an item, at a location or all together, and what each was computed from."""

    item_id: str = Field(description="The client's id of the product.")
    location_id: str | None = Field(description="Location that they are of; null: all locations together.")
    dir: float | None = Field(description="Days of inventory remaining; null: nothing is expected to sell.")
    stockout_risk: float = Field(description="Probability of running out before an order placed now arrives, 0 to 1.")
    expected_daily_demand: float = Field(description="Units expected to sell a day.")
    forecasted_demand_30d: float = Field(description="Units expected to sell in the next 30 days.")
    inventory_position: Quantity = Field(description="Units in stock and on order, less committed ones.")
    inventory_value: Money = Field(description="Stock at cost (cost_basis).")
    sales_at_risk: Money = Field(
        description="Sales expected to be lost until the next order could arrive, at their price (price_basis)."
    )
    excess_value: Money = Field(
        description="Stock beyond overstocked_threshold days of expected demand, at cost (cost_basis)."
    )
    service_level: float = Field(description="Probability that demand is to be met until the next order arrives.")
    order_up_to: Quantity = Field(description="Inventory position that it is ordered up to.")
    reorder_quantity: Quantity = Field(
        description="Units to order now, at a location its share of them; 0: no order is due."
    )
    transfer_in: Quantity = Field(description="Units to move to the location from where there is too much.")
    status: StockStatus = Field(description="Stock status, by the thresholds of the settings.")
    as_of: dt.date = Field(description="Business date that the figures are of.")
    computed_from: ComputedFrom = Field(description="What they were computed from.")


class ConditionPage(PageEnvelope):
    items: list[SupplierCondition]


class ItemLocation(BaseModel):
    item_id: str
    location_id: str
    current_stock: Quantity


class ItemLocationPage(PageEnvelope):
    items: list[ProductRow] = Field(description="The page's rows")
