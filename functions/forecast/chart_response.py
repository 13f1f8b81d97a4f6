"""The answer of the chart endpoint."""

from __future__ import annotations

from typing import Any

from flask import Response

from functions.forecast import chart, picture
from functions.forecast.schemas import ChartQuery
from functions.forecast.series import item_forecast
from shared.catalog.live import current_catalog
from shared.config import Config
from shared.domain.errors import NotFound
from shared.firestore.tenant import Tenant

_SVG, _PNG = "image/svg+xml; charset=utf-8", "image/png"
# What the OpenAPI document says of the answer.
CHART: dict[str, Any] = {
    "description": "The picture.",
    "content": {kind: {"schema": {"type": "string"}} for kind in (_SVG, _PNG)},
}


def chart_response(config: Config, tenant: Tenant, run_id: str, item_id: str, query: ChartQuery) -> Response:
    """The item's forecast as SVG or PNG; raises what `item_forecast` raises."""
    series = item_forecast(config, tenant, run_id, item_id, query.location_id, query.history_days)
    place = f"at {series.location_id}" if series.location_id else "all locations"
    made = chart.chart(
        _title(tenant, item_id),
        f"{place} · {series.engine} forecast from {series.run.run_date}, {_days(series.run.horizon_days)}",
        chart.filled({row["date_local"]: float(row["units_sold"]) for row in series.history}, series.run.run_date),
        [chart.day_forecast(row) for row in series.days],
        [chart.day_backtest(row) for row in series.backtest],
    )
    if query.format == "svg":
        # Opened by itself in a browser it is a document: nothing in it may run or be fetched.
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(picture.svg(made), content_type=_SVG, headers=headers)
    from functions.forecast.png import png  # needed by this answer only, and slow to import

    return Response(png(made), content_type=_PNG)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _title(tenant: Tenant, item_id: str) -> str:
    """The product's name and id; of a product that no catalog knows, its id."""
    try:
        rows = current_catalog(tenant).items.rows_of(item_id)
    except NotFound:
        return item_id
    return item_id if rows.is_empty() else f"{rows['product_name'][0]} ({item_id})"
