"""Products: lists and details over the catalog, and edits that show in it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from functions.products.export import ExportFile, export_file
from functions.products.schemas import (
    CampaignWithTerms,
    CategoryCount,
    ComputedFrom,
    DemandDay,
    ExportFormat,
    ForecastSeries,
    OrderOfProduct,
    OrdersOfProduct,
    ProductDetail,
    ProductMetrics,
    RiskWindow,
    SupplierCondition,
)
from shared.bigquery.demand_queries import ITEM_HISTORY, HistoryDay
from shared.bigquery.forecast_queries import ITEM_FORECAST
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES
from shared.bigquery.warehouse import Warehouse
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.indexed import SortKey
from shared.catalog.item_profiles import profiles_of_items
from shared.catalog.listing import ProductFilter, category_counts, product_page, product_rows
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.schema import PLANNING_COLUMNS, PUBLIC_COLUMNS, public_rows
from shared.domain.campaigns.campaign import Campaign
from shared.domain.forecast_days import WindowQuantiles, forecast_day, window_quantiles
from shared.domain.money import round_money, round_quantity
from shared.domain.purchasing.product import NotAssigned, Product, ProductNotFound
from shared.domain.purchasing.purchase_order import PurchaseOrder
from shared.firestore.campaigns import Campaigns
from shared.firestore.conditions import Conditions
from shared.firestore.page import PageRequest
from shared.firestore.products import Products
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext
from shared.telemetry.threads import Threads

_SATURDAY = 6


def list_products(
    context: RequestContext, selection: ProductFilter, sort: tuple[SortKey, ...], offset: int, size: int
) -> tuple[int, pl.DataFrame]:
    """How many products there are under the filter, and one page of them."""
    return product_page(current_catalog(context.tenant), selection, sort, offset, size)


def categories(context: RequestContext, selection: ProductFilter) -> list[CategoryCount]:
    """The categories of the products under the filter, by name, with their counts."""
    counts = category_counts(current_catalog(context.tenant), selection)
    return [CategoryCount(category=category, count=count) for category, count in counts]


def export_products(
    context: RequestContext,
    selection: ProductFilter,
    sort: tuple[SortKey, ...],
    format_: ExportFormat,
    columns: Sequence[str],
) -> ExportFile:
    """These columns of all products under the filter as a file, named for the day of the catalog."""
    catalog = current_catalog(context.tenant)
    # What the client plans, not what was planned of it: `service_level` of a row is the one that rules.
    shown = dict.fromkeys("planning" if name in PLANNING_COLUMNS else name for name in columns)
    planned = [pl.col("planning").struct.field(name).alias(name) for name in columns if name in PLANNING_COLUMNS]
    rows = product_rows(catalog, selection, sort, tuple(shown)).with_columns(planned).select(columns)
    return export_file(rows, format_, f"products-{catalog.pointer.as_of}")


def product_detail(
    context: RequestContext, item_id: str, history_days: int, orders: PageRequest
) -> Versioned[ProductDetail]:
    """Everything about one product, with a page of its orders."""
    tenant = context.tenant
    catalog = current_catalog(tenant)
    product = Products(tenant).get(item_id)
    item = _item_row(catalog, item_id)
    as_of = catalog.pointer.as_of
    warehouse = Warehouse(context.config, tenant.client_id)
    with Threads(max_workers=2) as threads:
        history = threads.submit(_history, warehouse, item_id, as_of, history_days)
        forecast = threads.submit(_forecast, warehouse, catalog, item_id)
        detail = ProductDetail(
            **{name: item[name] for name in ProductDetail.model_fields if name in item},
            created_at=product.created_at,
            updated_at=product.updated_at,
            stock_per_location=public_rows(catalog.locations.rows_of(item_id).select(list(PUBLIC_COLUMNS))),
            suppliers=[SupplierCondition.of(linked) for linked in Conditions(tenant).of_item_with_versions(item_id)],
            campaigns=[_campaign(campaign, item_id, as_of) for campaign in Campaigns(tenant).of_item(item_id)],
            orders=_orders(tenant, item_id, orders),
            demand_history=history.result(),
            forecast=forecast.result(),
        )
    return Versioned(detail, product.times)


def product_metrics(context: RequestContext, item_id: str, location_id: str | None) -> ProductMetrics:
    """The item's metrics, at the location or all together, and what each was computed from."""
    catalog = current_catalog(context.tenant)
    row = _item_row(catalog, item_id)
    if location_id is not None:
        row = _row_at(catalog, item_id, location_id)
    settings, pointer = catalog.settings, catalog.pointer
    profile = profiles_of_items(catalog.snapshot, [item_id]).filter(pl.col("location_id").eq_missing(location_id))
    window_days = row["lead_time_days"] + settings.safety_buffer_days
    return ProductMetrics(
        **{name: row[name] for name in ProductMetrics.model_fields if name in row},
        computed_from=ComputedFrom(
            **{name: row[name] for name in ComputedFrom.model_fields if name in row},
            safety_buffer_days=settings.safety_buffer_days,
            understocked_threshold=settings.understocked_threshold,
            overstocked_threshold=settings.overstocked_threshold,
            dead_stock_days=settings.dead_stock_days,
            forecast_run_id=pointer.forecast_run_id,
            forecast_run_date=pointer.forecast_run_date,
            risk_window=RiskWindow(days=window_days, quantiles=_window_quantiles(profile, window_days)),
        ),
    )


def edit_product(context: RequestContext, item_id: str, change: Callable[[Product], Product]) -> Versioned[Product]:
    """Change a product, and its row in every list with it; honours If-Match."""
    products = Products(context.tenant)

    def work(edit: CatalogEdit) -> Versioned[Product]:
        current = products.get(item_id, edit.transaction)
        context.expected_version.check(current.version)
        changed = change(current.value)
        edit.set_product(changed)
        return products.put(edit.transaction, changed)

    return edit_item(context.tenant, item_id, work)


def _item_row(catalog: Catalog, item_id: str) -> dict[str, Any]:
    """All columns of the item's row, inner ones too."""
    rows = catalog.items.rows_of(item_id)
    if rows.is_empty():
        raise ProductNotFound(item_id)
    return rows.row(0, named=True)


def _row_at(catalog: Catalog, item_id: str, location_id: str) -> dict[str, Any]:
    rows = catalog.locations.rows_of(item_id).filter(pl.col("location_id") == location_id)
    if rows.is_empty():
        raise NotAssigned(item_id, location_id)
    return rows.row(0, named=True)


def _campaign(campaign: Campaign, item_id: str, today: dt.date) -> CampaignWithTerms:
    (product,) = (product for product in campaign.products if product.item_id == item_id)
    return CampaignWithTerms(
        discount=product.discount,
        target_audience=product.target_audience,
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        campaign_type=campaign.campaign_type,
        status=campaign.status(today),
        start_date=campaign.start_date,
        end_date=campaign.end_date,
    )


def _orders(tenant: Tenant, item_id: str, page: PageRequest) -> OrdersOfProduct:
    found = PurchaseOrders(tenant).of_item(item_id, page)
    return OrdersOfProduct(
        items=[_order(order, item_id) for order in found.items],
        page=page.number,
        page_size=page.size,
        total=found.total,
    )


def _order(order: PurchaseOrder, item_id: str) -> OrderOfProduct:
    line = next(line for line in order.lines if line.item_id == item_id)
    return OrderOfProduct(
        id=order.id,
        po_number=order.po_number,
        supplier_id=order.supplier_id,
        status=order.status,
        location_id=order.location_id,
        order_date=order.order_date,
        expected_delivery_date=order.expected_delivery_date,
        quantity=line.quantity,
        received=line.received,
        outstanding=round_quantity(line.outstanding if order.is_open else Decimal(0)),
        unit_cost=line.unit_cost,
    )


def _history(warehouse: Warehouse, item_id: str, as_of: dt.date, days: int) -> list[DemandDay]:
    """The days before `as_of`, those without a sale too."""
    first, last = as_of - dt.timedelta(days=days), as_of - dt.timedelta(days=1)
    found = warehouse.rows(ITEM_HISTORY, item_id=item_id, location_id=ALL_LOCATIONS, first=first, last=last)
    sold = {day.date_local: day for day in found}
    return [_demand_day(day, sold.get(day)) for day in (first + dt.timedelta(number) for number in range(days))]


def _demand_day(day: dt.date, sold: HistoryDay | None) -> DemandDay:
    is_weekend = day.isoweekday() >= _SATURDAY
    if sold is None:
        return DemandDay(
            date_local=day,
            units_sold=round_quantity(Decimal(0)),
            revenue=round_money(Decimal(0)),
            promotion_flag=None,
            holiday_flag=None,
            is_weekend=is_weekend,
            marketing_spend=None,
            stock_on_date=None,
        )
    return DemandDay(
        date_local=day,
        units_sold=round_quantity(sold.units_sold),
        revenue=None if sold.revenue is None else round_money(sold.revenue),
        promotion_flag=sold.promotion_flag,
        holiday_flag=sold.holiday_flag,
        is_weekend=is_weekend,
        marketing_spend=None if sold.marketing_spend is None else round_money(sold.marketing_spend),
        stock_on_date=None if sold.stock_on_date is None else round_quantity(sold.stock_on_date),
    )


def _forecast(warehouse: Warehouse, catalog: Catalog, item_id: str) -> ForecastSeries | None:
    pointer = catalog.pointer
    if pointer.forecast_run_id is None or pointer.forecast_run_date is None:
        return None
    days = warehouse.rows(
        ITEM_FORECAST,
        item_id=item_id,
        location_id=ALL_LOCATIONS,
        run_date=pointer.forecast_run_date,
        run_id=pointer.forecast_run_id,
    )
    return ForecastSeries(
        run_id=pointer.forecast_run_id,
        run_date=pointer.forecast_run_date,
        engine=days[0].engine if days else None,
        days=[forecast_day(day) for day in days],
    )


def _window_quantiles(profile: pl.DataFrame, window_days: int) -> WindowQuantiles | None:
    import numpy as np

    from shared.domain.planning.demand_distribution import quantiles_over

    if profile.is_empty() or profile["window_quantiles"][0] is None:
        return None
    table = profile["window_quantiles"][0].to_numpy().astype(np.float64)
    daily = profile["daily"][0].to_numpy().astype(np.float64)
    over = quantiles_over(
        np.array([window_days]),
        WINDOW_DAYS,
        table.reshape(1, len(WINDOW_DAYS), len(WINDOW_QUANTILES)),
        daily[None].mean(axis=1),
    )
    return window_quantiles([round(float(units), 3) for units in over[0]])
