"""The dashboard: headline figures, what is worst, what to act on. Computed once per state of the catalog."""

from __future__ import annotations

import polars as pl

from functions.dashboard.alerts import alerts
from functions.dashboard.schemas import Dashboard, DashboardMetrics, DashboardRow, PastMetrics
from shared.catalog.headline import EarlierHeadlines, PastHeadlines
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.summary import headline_metrics, top_rows
from shared.domain.planning.stock_status import MOST_DIR, StockStatus
from shared.request_context import RequestContext

_RISK_DECIMALS = 2  # what is as likely for anybody who decides: then the money tells


def dashboard(context: RequestContext, location_id: str | None) -> Dashboard:
    """The dashboard of the whole client, or of one location."""
    return _DASHBOARDS.of(current_catalog(context.tenant), location_id)


def _compute(catalog: Catalog, location_id: str | None) -> Dashboard:
    frame = catalog.items if location_id is None else catalog.locations
    rows = frame.frame if location_id is None else frame.frame.filter(pl.col("location_id") == location_id)
    pointer = catalog.pointer
    earlier = EarlierHeadlines.decode(pointer.earlier_headlines)
    return Dashboard(
        metrics=DashboardMetrics.model_validate(headline_metrics(rows)),
        week_before=_past(earlier.week_before, location_id),
        four_weeks_before=_past(earlier.four_weeks_before, location_id),
        top_understocked=_top(
            rows, StockStatus.UNDERSTOCKED, pl.col("stockout_risk").round(_RISK_DECIMALS), pl.col("sales_at_risk")
        ),
        top_overstocked=_top(rows, StockStatus.OVERSTOCKED, pl.col("dir").fill_null(MOST_DIR), pl.col("excess_value")),
        alerts=alerts(catalog, rows, location_id),
        as_of=pointer.as_of,
        computed_at=pointer.computed_at,
        forecast_run_id=pointer.forecast_run_id,
    )


def _past(past: PastHeadlines | None, location_id: str | None) -> PastMetrics | None:
    figures = past.of(location_id) if past else None
    return PastMetrics(date=past.date, **vars(figures)) if past and figures else None


def _top(rows: pl.DataFrame, status: StockStatus, *order: pl.Expr) -> list[DashboardRow]:
    return [DashboardRow.model_validate(row) for row in top_rows(rows, status, order)]


_DASHBOARDS = PerCatalog[str | None, Dashboard](_compute)
