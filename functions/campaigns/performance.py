"""A campaign's performance: sales and expectations from the warehouse, compared by the domain.

All figures are about the same products: those whose sales without the campaign can be told (`measured`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

import polars as pl

from functions.campaigns.schemas import Baseline, BaselineMethod, MoneyView, Performance, PhaseView
from shared.bigquery.demand_queries import DAYS_BEFORE_CAMPAIGN, SALES_AROUND_CAMPAIGN, SalesAroundCampaign
from shared.bigquery.forecast_queries import EXPECTED_OF_ITEMS, ExpectedUnits
from shared.bigquery.warehouse import Warehouse
from shared.catalog.live import catalog_or_none
from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.campaign_margin import ProductPrices, campaign_money
from shared.domain.campaigns.campaign_performance import (
    WEEKS_BEFORE,
    MeasuredProduct,
    ProductSales,
    Sold,
    Span,
    Windows,
    mean_price,
    measured,
    phase,
    windows,
)
from shared.domain.campaigns.uplift_interval import ReferenceDay, daily_deviation
from shared.domain.dates import DateRange
from shared.domain.forecast_run import ForecastRun
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.telemetry.threads import Threads


class _Forecast(NamedTuple):
    """What a run expects of the products that it covers."""

    run: ForecastRun | None
    expected: dict[str, dict[Span, float]]


def performance(context: RequestContext, campaign: Campaign) -> Performance:
    """Before, during and after the campaign, as far as the days before today are in the warehouse."""
    today, tenant = context.today, context.tenant
    spans = windows(campaign, today)
    warehouse = Warehouse(context.config, tenant.client_id)
    with Threads(max_workers=3) as concurrently:
        sales_read = concurrently.submit(_sales, warehouse, campaign, spans)
        days_read = concurrently.submit(_reference_days, warehouse, campaign, spans)
        prices_read: Future[dict[str, ProductPrices]] = concurrently.submit(_prices, tenant, campaign.item_ids)
        forecast = _forecast(tenant, warehouse, campaign, spans)
        sales, days, prices = sales_read.result(), days_read.result(), prices_read.result()
    products = measured(campaign.item_ids, sales, forecast.expected, spans)
    deviation = daily_deviation(days, _usual_together(products), spans.reference)
    price = mean_price(products)
    return Performance(
        campaign_id=campaign.campaign_id,
        status=campaign.status(today),
        product_count=len(campaign.products),
        products_measured=len(products),
        before=PhaseView.model_validate(phase(Span.BEFORE, spans.before, products, price, deviation)),
        during=PhaseView.model_validate(phase(Span.DURING, spans.during, products, price, deviation)),
        after=PhaseView.model_validate(phase(Span.AFTER, spans.after, products, price, deviation)),
        money=MoneyView.model_validate(campaign_money(campaign, products, prices, spans.during is not None)),
        baseline=_baseline(products, forecast.run),
        as_of=today,
    )


def _sales(warehouse: Warehouse, campaign: Campaign, spans: Windows) -> dict[str, ProductSales]:
    """Sales of each product that has a record in the windows or in the 8 weeks before the campaign."""
    days = spans.known
    if days is None or not campaign.products:
        return {}
    parameters: dict[str, dt.date] = {}
    for name, window in (
        ("before", spans.before),
        ("during", spans.during),
        ("after", spans.after),
        ("reference", spans.reference),
    ):
        # No day lies between the last one and the first one.
        first, last = (dt.date.max, dt.date.min) if window is None else (window.first, window.last)
        parameters |= {f"{name}_first": first, f"{name}_last": last}
    rows = warehouse.rows(
        SALES_AROUND_CAMPAIGN,
        item_ids=campaign.item_ids,
        first=days.first,
        last=days.last,
        weeks=WEEKS_BEFORE,
        **parameters,
    )
    return {row.item_id: _product_sales(row) for row in rows}


def _product_sales(row: SalesAroundCampaign) -> ProductSales:
    usual = (row.monday, row.tuesday, row.wednesday, row.thursday, row.friday, row.saturday, row.sunday)
    return ProductSales(
        sold={
            Span.BEFORE: Sold(row.units_before, row.revenue_before),
            Span.DURING: Sold(row.units_during, row.revenue_during, row.priced_units_during),
            Span.AFTER: Sold(row.units_after, row.revenue_after),
            # Of the reference nothing but the price is wanted.
            Span.REFERENCE: Sold(row.priced_units_reference, row.revenue_reference, row.priced_units_reference),
        },
        usual=dict(enumerate(usual, start=1)) if row.is_in_reference else None,
    )


def _reference_days(warehouse: Warehouse, campaign: Campaign, spans: Windows) -> dict[dt.date, ReferenceDay]:
    """Days of the 8 weeks before the campaign. No product that is not measured has a record in them."""
    if spans.reference is None or spans.during is None or not campaign.products:
        return {}
    rows = warehouse.rows(
        DAYS_BEFORE_CAMPAIGN,
        item_ids=campaign.item_ids,
        first=spans.reference.first,
        last=spans.reference.last,
        weeks=WEEKS_BEFORE,
    )
    return {row.date_local: ReferenceDay(row.units, row.missed) for row in rows}


def _prices(tenant: Tenant, item_ids: Sequence[str]) -> dict[str, ProductPrices]:
    """Of the products that are in the catalog; one read."""
    catalog = catalog_or_none(tenant)
    if catalog is None or not item_ids:
        return {}
    columns = ["item_id", "unit_cost", "unit_price"]
    rows = catalog.items.frame.lazy().select(columns).filter(pl.col("item_id").is_in(list(item_ids))).collect()
    return {item_id: ProductPrices(unit_cost, unit_price) for item_id, unit_cost, unit_price in rows.iter_rows()}


def _forecast(tenant: Tenant, warehouse: Warehouse, campaign: Campaign, spans: Windows) -> _Forecast:
    """Of the run frozen before the start, for the products of which it covers all of the days."""
    days, during = spans.expected, spans.during
    if days is None or during is None or not campaign.products:
        return _Forecast(None, {})
    run = ForecastRuns(tenant).published_until(days.first)
    if run is None:
        return _Forecast(None, {})
    rows = warehouse.rows(
        EXPECTED_OF_ITEMS,
        item_ids=campaign.item_ids,
        run_date=run.run_date,
        run_id=run.run_id,
        first=days.first,
        last=days.last,
        end_date=during.last,
    )
    return _Forecast(run, {row.item_id: _expected(row, spans.after) for row in rows if row.days == days.days})


def _expected(row: ExpectedUnits, after: DateRange | None) -> dict[Span, float]:
    during = {Span.DURING: row.units_until_end}
    return during if after is None else during | {Span.AFTER: row.units - row.units_until_end}


def _usual_together(products: Sequence[MeasuredProduct]) -> dict[int, float]:
    """What the products usually sell together by ISO weekday."""
    usual = [each.sales.usual for each in products if each.sales is not None and each.sales.usual is not None]
    return {weekday: sum(units[weekday] for units in usual) for weekday in range(1, 8)}


def _baseline(products: Sequence[MeasuredProduct], run: ForecastRun | None) -> Baseline:
    by_forecast = sum(product.by_forecast for product in products)
    by_weekdays = sum(bool(product.expected) for product in products) - by_forecast
    method: BaselineMethod | None = "forecast" if by_forecast else "same_weekdays" if by_weekdays else None
    used = run if by_forecast else None
    return Baseline(
        method="both" if by_forecast and by_weekdays else method,
        forecast_run_id=used and used.run_id,
        forecast_run_date=used and used.run_date,
        products_by_forecast=by_forecast,
        products_by_same_weekdays=by_weekdays,
    )
