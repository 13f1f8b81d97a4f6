"""The chart of an item's forecast in a run."""

from __future__ import annotations

from functions.forecast import chart
from functions.forecast.picture import Picture
from functions.forecast.schemas import SeriesQuery
from functions.forecast.series import item_series
from shared.catalog.live import current_catalog
from shared.domain.errors import NotFound
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext


def item_chart(context: RequestContext, run_id: str, item_id: str, query: SeriesQuery) -> Picture:
    """The item's forecast as a picture; raises what `item_series` raises."""
    series = item_series(context, run_id, item_id, query)
    place = f"at {series.location_id}" if series.location_id else "all locations"
    return chart.chart(
        _title(context.tenant, item_id),
        f"{place} · {series.engine} forecast from {series.run.run_date}, {_days(series.run.horizon_days)}",
        chart.filled({day.date_local: float(day.units_sold) for day in series.history}, series.run.run_date),
        [chart.day_forecast(day) for day in series.days],
        [chart.day_backtest(day) for day in series.backtest],
    )


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _title(tenant: Tenant, item_id: str) -> str:
    """The product's name and id; of a product that no catalog knows, its id."""
    try:
        rows = current_catalog(tenant).items.rows_of(item_id)
    except NotFound:
        return item_id
    return item_id if rows.is_empty() else f"{rows['product_name'][0]} ({item_id})"
