"""The dashboard: headline figures, what is worst, what to act on. Computed once per state of the catalog."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import polars as pl

from functions.dashboard.schemas import DashboardRow
from shared.catalog.indexed import IndexedFrame, SortKey
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.summary import headline_metrics, top_rows
from shared.domain.planning.stock_status import StockStatus
from shared.firestore.tenant import Tenant


def dashboard(tenant: Tenant, location_id: str | None) -> dict[str, Any]:
    """The dashboard of the whole client, or of one location."""
    return _DASHBOARDS.of(current_catalog(tenant), location_id)


def _compute(catalog: Catalog, location_id: str | None) -> dict[str, Any]:
    frame = catalog.items if location_id is None else catalog.locations
    rows = frame.frame if location_id is None else frame.frame.filter(pl.col("location_id") == location_id)
    return {
        "metrics": headline_metrics(rows),
        "top_understocked": _top(
            frame, StockStatus.UNDERSTOCKED, "stockout_risk", "forecasted_demand_30d", location_id
        ),
        "top_overstocked": _top(frame, StockStatus.OVERSTOCKED, "dir", "inventory_value", location_id),
        "alerts": _alerts(catalog, rows, location_id),
        "as_of": catalog.pointer.as_of,
        "computed_at": catalog.pointer.computed_at,
        "forecast_run_id": catalog.pointer.forecast_run_id,
    }


def _top(
    frame: IndexedFrame, status: StockStatus, column: str, tie: str, location_id: str | None
) -> list[dict[str, Any]]:
    """The five worst by `column`; of equals, the one with the larger `tie`."""
    order = (SortKey(column, descending=True), SortKey(tie, descending=True))
    found = top_rows(frame, status, order, location_id)
    return [{name: row[name] for name in DashboardRow.model_fields} for row in found]


def _alerts(catalog: Catalog, rows: pl.DataFrame, location_id: str | None) -> list[dict[str, Any]]:
    urgent = catalog.pointer.settings.recommendation_rules.threshold_filters.urgent_min_risk
    place = f"&location_id={quote(location_id, safe='')}" if location_id else ""
    cases = (
        (
            "stockout_imminent",
            "critical",
            pl.col("stockout_risk") > urgent,
            f"products will probably run out before an order arrives (risk above {urgent:g})",
            f"/products?min_risk={urgent:g}&sort=-stockout_risk",
        ),
        (
            "out_of_stock",
            "critical",
            (pl.col("current_stock") <= 0) & (pl.col("expected_daily_demand") > 0),
            "products are out of stock although they sell",
            "/products?status=understocked&max_stock=0",
        ),
        (
            "dead_stock",
            "warning",
            pl.col("status") == StockStatus.DEAD_STOCK.value,
            "products are in stock that nobody buys any more",
            "/products?dead_stock=true&sort=-inventory_value",
        ),
        (
            "needs_review",
            "info",
            pl.col("needs_review"),
            "products lack a category or a cost",
            "/products?needs_review=true",
        ),
        (
            "no_forecast",
            "info",
            pl.col("demand_basis") != "forecast",
            "products have no forecast; their figures come from recent sales, if any",
            "/products?sort=-inventory_value",
        ),
    )
    counts = rows.select([condition.sum().alias(code) for code, _, condition, _, _ in cases]).row(0, named=True)
    return [
        {
            "code": code,
            "severity": severity,
            "count": counts[code],
            "message": f"{counts[code]} {text}",
            "link": link + place,
        }
        for code, severity, _, text, link in cases
        if counts[code]
    ]


_DASHBOARDS = PerCatalog[str | None, dict[str, Any]](_compute)
