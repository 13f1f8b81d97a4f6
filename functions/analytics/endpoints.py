"""HTTP surface of analytics."""

from __future__ import annotations

from functions.analytics import accuracy, scoring, service
from functions.analytics.period import PeriodTooLong
from functions.analytics.schemas import (
    AccuracyPage,
    AccuracyQuery,
    ScoringResult,
    ScoringStarted,
    ScoringTask,
    SupplierPerformancePage,
    SuppliersQuery,
    Trends,
    TrendsQuery,
)
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE
from shared.domain.dates import InvalidRange
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, errors, internal, now
from shared.http.app import Api
from shared.http.from_catalog import reads_catalog
from shared.request_context import RequestContext

app = Api("analytics", "Analytics", prefixes=("analytics",))


@app.get("/analytics/forecast-accuracy", summary="Measure forecast accuracy", responses={200: AccuracyPage})
@allow(EVERY_ROLE)
@errors(*CATALOG_ERRORS, fields=(InvalidRange, PeriodTooLong))
def get_forecast_accuracy(context: RequestContext, query: AccuracyQuery) -> AccuracyPage:
    """Compare forecasts, as they were frozen when published, with what was sold since.

    Group the result by item, category, demand pattern, engine, lag, or how long ago items had sold.
    """
    return accuracy.accuracy(context, query)


@app.get("/analytics/inventory-trends", summary="Show stock over time", responses={200: Trends})
@allow(EVERY_ROLE)
@errors(fields=(InvalidRange, PeriodTooLong))
def get_inventory_trends(context: RequestContext, query: TrendsQuery) -> Trends:
    """Return value, units, counts and value by status, days of inventory and money at stake.

    Of each day that has metrics, or of the last such day of each week.
    """
    return service.trends(context, query)


@app.get(
    "/analytics/supplier-performance", summary="Measure supplier reliability", responses={200: SupplierPerformancePage}
)
@allow(EVERY_ROLE)
@reads_catalog
@errors(*CATALOG_ERRORS, fields=(InvalidRange, PeriodTooLong))
def get_supplier_performance(context: RequestContext, query: SuppliersQuery) -> SupplierPerformancePage:
    """Return on-time-in-full share, lead times, fill rate and spend for every supplier."""
    return service.suppliers(context, query)


@app.post("/analytics/internal/accuracy", responses={200: ScoringResult})
@internal("analytics")
def score_forecasts(body: ScoringTask) -> ScoringResult:
    """Score one client's forecasts: the daily task. Safe to run twice and to be killed halfway."""
    outcome = scoring.score_forecasts(config(), Tenant(database(config()), body.client_id), now())
    return ScoringResult(days=outcome.days, rows_changed=outcome.rows_changed)


@app.post("/analytics/internal/start-accuracy", responses={200: ScoringStarted})
@internal("analytics")
def start_scoring() -> ScoringStarted:
    """Queue the scoring task of every active client. Cloud Scheduler calls this once a day."""
    return ScoringStarted(clients=scoring.start_scoring(config(), now()))
