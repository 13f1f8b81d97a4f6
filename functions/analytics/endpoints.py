"""HTTP surface of analytics."""

from __future__ import annotations

from typing import Any

from functions.analytics import scoring, service
from functions.analytics.schemas import (
    DEFAULT_LAG,
    AccuracyPage,
    AccuracyQuery,
    ScoringResult,
    ScoringStarted,
    ScoringTask,
    SupplierPage,
    SuppliersQuery,
    Trends,
    TrendsQuery,
)
from functions.analytics.service import PeriodTooLong
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE
from shared.domain.dates import InvalidRange
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, errors, internal, now, tenant
from shared.http.app import Api
from shared.http.paging import numbered

app = Api("analytics", "Analytics", prefixes=("analytics",))


@app.get("/analytics/forecast-accuracy", summary="Measure forecast accuracy", responses={200: AccuracyPage})
@allow(EVERY_ROLE)
@errors(
    fields=(
        InvalidRange,
        PeriodTooLong,
    )
)
def forecast_accuracy(query: AccuracyQuery) -> dict[str, Any]:
    """Compare forecasts, as they were frozen when published, with what was sold since.

    Group the result by item, category, demand pattern, engine or lag.
    """
    lag = query.lag if query.lag or query.group_by == "lag" else DEFAULT_LAG
    period = service.period(tenant(), now(), query.from_date, query.to_date)
    found = service.accuracy(
        config(),
        tenant(),
        period,
        query.group_by,
        lag=lag,
        item_id=query.item_id,
        location_id=query.location_id,
        offset=query.offset,
        size=query.page_size,
    )
    said = {"lag": lag, "from_date": period.first, "to_date": period.last, "location_id": query.location_id}
    return vars(numbered(query, found.total, found.rows)) | said | {"as_of": found.as_of}


@app.get("/analytics/inventory-trends", summary="Show stock over time", responses={200: Trends})
@allow(EVERY_ROLE)
@errors(
    fields=(
        InvalidRange,
        PeriodTooLong,
    )
)
def inventory_trends(query: TrendsQuery) -> dict[str, Any]:
    """Return value, units and counts by status for each day that has metrics, or for the last such day of each week."""
    period = service.period(tenant(), now(), query.from_date, query.to_date)
    points = service.trends(config(), tenant(), period, query.location_id, query.interval)
    return {
        "items": points,
        "interval": query.interval,
        "from_date": period.first,
        "to_date": period.last,
        "location_id": query.location_id,
        "as_of": points[-1]["date"] if points else None,
    }


@app.get("/analytics/supplier-performance", summary="Measure supplier reliability", responses={200: SupplierPage})
@allow(EVERY_ROLE)
@errors(
    fields=(
        InvalidRange,
        PeriodTooLong,
    )
)
def supplier_performance(query: SuppliersQuery) -> dict[str, Any]:
    """Return on-time-in-full share, lead times, fill rate and spend for every supplier."""
    period = service.period(tenant(), now(), query.from_date, query.to_date)
    found = service.suppliers(config(), tenant(), period, query.supplier_id)
    said = {"from_date": period.first, "to_date": period.last, "as_of": period.today}
    return vars(numbered(query, len(found), found[query.offset : query.offset + query.page_size])) | said


@app.post("/analytics/internal/accuracy", responses={200: ScoringResult})
@internal("analytics")
def score_forecasts(body: ScoringTask) -> dict[str, int]:
    """Score one client's forecasts: the daily task. Safe to run twice and to be killed halfway."""
    return vars(scoring.score_forecasts(config(), Tenant(database(config()), body.client_id), now()))


@app.post("/analytics/internal/start-accuracy", responses={200: ScoringStarted})
@internal("analytics")
def start_scoring() -> dict[str, int]:
    """Queue the scoring task of every active client. Cloud Scheduler calls this once a day."""
    return {"clients": scoring.start_scoring(config(), now())}
