"""One item's forecast in a run, with the history before it, from BigQuery."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from functions.forecast.backtests import days_of_item, metrics_of_item
from functions.forecast.runs import existing
from functions.forecast.schemas import HistoryDayView, ItemForecast, SeriesQuery
from shared.bigquery.backtest_queries import ITEM_BACKTEST, ItemBacktestDay
from shared.bigquery.demand_queries import ITEM_HISTORY, HistoryDay
from shared.bigquery.forecast_queries import ITEM_FORECAST, ITEM_TOTALS, ForecastDay, WindowTotal
from shared.bigquery.tables import ALL_LOCATIONS
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.domain.forecast_days import forecast_day, window_total
from shared.domain.forecast_request import ForecastNotPublished, ItemNotForecast
from shared.domain.forecast_run import ForecastRun
from shared.domain.money import round_money, round_quantity
from shared.request_context import RequestContext
from shared.telemetry.threads import Threads


@dataclass(frozen=True)
class ItemSeries:
    """An item as a whole, or (`location_id`) at a location: its rows in BigQuery. `days` has at least one."""

    run: ForecastRun
    item_id: str
    location_id: str | None
    history: list[HistoryDay]
    days: list[ForecastDay]
    totals: list[WindowTotal]
    backtest: list[ItemBacktestDay]

    @property
    def published_at(self) -> dt.datetime:
        """When the run was published, which it is."""
        assert self.run.published_at is not None  # noqa: S101
        return self.run.published_at

    @property
    def engine(self) -> str:
        """Every day of a series has the same."""
        return self.days[0].engine


def item_series(context: RequestContext, run_id: str, item_id: str, query: SeriesQuery) -> ItemSeries:
    """The item's forecast; raises ForecastRunNotFound, ForecastNotPublished and ItemNotForecast.

    One read, and three queries concurrently; two without history; one more of an item as a whole, of a run with a
    backtest.
    """
    run = existing(context.tenant, run_id)
    if not run.published:
        raise ForecastNotPublished(f"run {run.run_id} has not been published: its results can be read when it is")
    warehouse, location_id = Warehouse(context.config, context.tenant.client_id), query.location_id
    series: dict[str, Parameter] = {"item_id": item_id, "location_id": location_id or ALL_LOCATIONS}
    of_run: dict[str, Parameter] = {"run_date": run.run_date, "run_id": run.run_id}
    window: dict[str, Parameter] = {
        "first": run.run_date - dt.timedelta(days=query.history_days),
        "last": run.run_date - dt.timedelta(days=1),
    }
    with Threads(max_workers=4) as pool:
        days = pool.submit(lambda: warehouse.rows(ITEM_FORECAST, **series, **of_run))
        totals = pool.submit(lambda: warehouse.rows(ITEM_TOTALS, **series, **of_run))
        history = pool.submit(lambda: warehouse.rows(ITEM_HISTORY, **series, **window)) if query.history_days else None
        has_backtest = run.backtest and location_id is None
        backtest = (
            pool.submit(lambda: warehouse.rows(ITEM_BACKTEST, **of_run, item_id=item_id)) if has_backtest else None
        )
    if not days.result():
        place = f" at {location_id!r}" if location_id else ""
        raise ItemNotForecast(f"run {run.run_id} has no forecast of item {item_id!r}{place}")
    return ItemSeries(
        run,
        item_id,
        location_id,
        history.result() if history else [],
        days.result(),
        totals.result(),
        backtest.result() if backtest else [],
    )


def item_forecast(series: ItemSeries) -> ItemForecast:
    """What is answered with of a series: history with the scale of quantities and money."""
    return ItemForecast(
        run_id=series.run.run_id,
        run_date=series.run.run_date,
        as_of=series.run.run_date,
        published_at=series.published_at,
        item_id=series.item_id,
        location_id=series.location_id,
        engine=series.engine,
        history=[
            HistoryDayView(
                date_local=day.date_local,
                units_sold=round_quantity(day.units_sold),
                revenue=None if day.revenue is None else round_money(day.revenue),
            )
            for day in series.history
        ],
        days=[forecast_day(day) for day in series.days],
        lead_time_demand=[window_total(total) for total in series.totals],
        backtest=days_of_item(series.backtest),
        backtest_metrics=metrics_of_item(series.backtest),
    )
