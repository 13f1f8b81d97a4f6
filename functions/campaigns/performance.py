"""A campaign's performance: sales and expectations from the warehouse, compared by the domain."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from functions.campaigns.schemas import Baseline, BaselineMethod, Performance, PhaseView
from shared.bigquery.demand_queries import SALES_OF_ITEMS, SAME_WEEKDAYS
from shared.bigquery.forecast_queries import EXPECTED_OF_ITEMS, ExpectedUnits
from shared.bigquery.warehouse import Warehouse
from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.campaign_performance import (
    WEEKS_BEFORE,
    SalesDay,
    Windows,
    expected_by_weekday,
    mean_price,
    phase,
    windows,
)
from shared.domain.dates import DateRange
from shared.domain.forecast_run import ForecastRun
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext


@dataclass(frozen=True)
class _Expected:
    """What was expected of the campaign's products without it, during and after; None where none of them is known."""

    during: float | None = None
    after: float | None = None
    run: ForecastRun | None = None
    products_by_forecast: int = 0
    products_by_same_weekdays: int = 0

    @property
    def method(self) -> BaselineMethod | None:
        if self.products_by_forecast and self.products_by_same_weekdays:
            return "both"
        if self.products_by_forecast:
            return "forecast"
        return "same_weekdays" if self.products_by_same_weekdays else None


@dataclass(frozen=True)
class _Usual:
    """What the products sell together by ISO weekday, and of how many of them that is known."""

    by_weekday: dict[int, float]
    products: int


def performance(context: RequestContext, campaign: Campaign) -> Performance:
    """Before, during and after the campaign, as far as the days before today are in the warehouse."""
    today = context.today
    spans = windows(campaign, today)
    warehouse = Warehouse(context.config, context.tenant.client_id)
    with ThreadPoolExecutor(max_workers=1) as concurrently:
        pending = concurrently.submit(_sales, warehouse, campaign, spans)
        expected = _expected(context.tenant, warehouse, campaign, spans)
        sales = pending.result()
    price = mean_price(sales, spans.reference)
    return Performance(
        campaign_id=campaign.campaign_id,
        status=campaign.status(today),
        product_count=len(campaign.products),
        products_measured=expected.products_by_forecast + expected.products_by_same_weekdays,
        before=PhaseView.model_validate(phase(spans.before, sales, None, price)),
        during=PhaseView.model_validate(phase(spans.during, sales, expected.during, price)),
        after=PhaseView.model_validate(phase(spans.after, sales, expected.after, price)),
        baseline=Baseline(
            method=expected.method,
            forecast_run_id=expected.run.run_id if expected.run else None,
            forecast_run_date=expected.run.run_date if expected.run else None,
            products_by_forecast=expected.products_by_forecast,
            products_by_same_weekdays=expected.products_by_same_weekdays,
        ),
        as_of=today,
    )


def _sales(warehouse: Warehouse, campaign: Campaign, spans: Windows) -> list[SalesDay]:
    """Every known day of the windows and of the 8 weeks before the campaign."""
    days = spans.known
    if days is None or not campaign.products:
        return []
    rows = warehouse.rows(SALES_OF_ITEMS, item_ids=campaign.item_ids, first=days.first, last=days.last)
    return [SalesDay(row.date_local, row.units, row.revenue) for row in rows]


def _expected(tenant: Tenant, warehouse: Warehouse, campaign: Campaign, spans: Windows) -> _Expected:
    """From the forecast frozen before the start for products that it covers, from the same weekdays for the others."""
    if spans.expected is None or not campaign.products:
        return _Expected()
    run = ForecastRuns(tenant).published_until(spans.expected.first)
    forecast = [] if run is None else _forecast(warehouse, campaign, spans, run)
    covered = {product.item_id for product in forecast}
    rest = [item for item in campaign.item_ids if item not in covered]
    usual = _usual(warehouse, rest, spans.reference)
    if not covered and not usual.products:
        return _Expected()
    until_end = sum(product.units_until_end for product in forecast)
    return _Expected(
        during=until_end + expected_by_weekday(usual.by_weekday, spans.during),
        after=sum(product.units for product in forecast)
        - until_end
        + expected_by_weekday(usual.by_weekday, spans.after),
        run=run if covered else None,
        products_by_forecast=len(covered),
        products_by_same_weekdays=usual.products,
    )


def _forecast(warehouse: Warehouse, campaign: Campaign, spans: Windows, run: ForecastRun) -> list[ExpectedUnits]:
    """What the run expects of each product for all of the days; a product that it covers in part is left out."""
    days, during = spans.expected, spans.during
    assert days is not None and during is not None  # noqa: S101, PT018
    rows = warehouse.rows(
        EXPECTED_OF_ITEMS,
        item_ids=campaign.item_ids,
        run_date=run.run_date,
        run_id=run.run_id,
        first=days.first,
        last=days.last,
        end_date=during.last,
    )
    return [row for row in rows if row.days == days.days]


def _usual(warehouse: Warehouse, item_ids: Sequence[str], reference: DateRange | None) -> _Usual:
    if reference is None or not item_ids:
        return _Usual({}, 0)
    rows = warehouse.rows(
        SAME_WEEKDAYS,
        item_ids=item_ids,
        first=reference.first,
        last=reference.last,
        weeks=WEEKS_BEFORE,
    )
    by_weekday = {(row.weekday + 5) % 7 + 1: row.units for row in rows}  # SQL: Sunday is 1, ISO: Monday is
    return _Usual(by_weekday, rows[0].known_items if rows else 0)
