"""The backtest of a run as it is shown: over all its items, and of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from functions.forecast.schemas import BacktestDay, BacktestMetrics, RecencyBacktest, RunBacktestView
from shared.bigquery.backtest_queries import RUN_BACKTEST, ItemBacktestDay, RunBacktest
from shared.bigquery.warehouse import Warehouse
from shared.domain.forecast_days import Coverage, daily_quantiles
from shared.domain.forecast_run import ForecastRun
from shared.request_context import RequestContext


def backtest_of_run(context: RequestContext, run: ForecastRun) -> tuple[RunBacktestView | None, str | None]:
    """(metrics over all items, None), or (None, why there are none); one query where there may be some."""
    if not run.backtest:
        return None, "the run was not asked for one"
    if not run.published:
        return None, "the run has not been published"
    warehouse = Warehouse(context.config, context.tenant.client_id)
    rows = warehouse.rows(RUN_BACKTEST, run_date=run.run_date, run_id=run.run_id)
    every = next((row for row in rows if row.over_all), None)
    if every is None or every.origin_date is None or every.last_date is None:  # there is no item
        return None, "no item was known for two weeks before the days that it would have forecast"
    metrics = _metrics(every, every.origin_date, every.last_date)
    groups = [_of_group(row) for row in rows if not row.over_all]
    return RunBacktestView(items=every.items, by_recency=groups, **vars(metrics)), None


def days_of_item(rows: Sequence[ItemBacktestDay]) -> list[BacktestDay]:
    """The days of an item's backtest."""
    return [
        BacktestDay(
            date_local=row.date_local,
            units_sold=row.units_sold,
            mean=row.mean,
            quantiles=daily_quantiles(row),
        )
        for row in rows
    ]


def metrics_of_item(rows: Sequence[ItemBacktestDay]) -> BacktestMetrics | None:
    """The metrics over all days of an item's backtest; None without a day."""
    return _metrics(rows[0], rows[0].origin_date, rows[0].last_date) if rows else None


def _of_group(row: RunBacktest) -> RecencyBacktest:
    return RecencyBacktest(
        recency=row.recency,
        items=row.items,
        units=_thousandths(row.units),
        forecast_units=_thousandths(row.forecast_units),
        expected_per_sold=(row.forecast_units or 0) / row.units if row.units else None,
        coverage=_coverage(row),
    )


def _coverage(row: RunBacktest | ItemBacktestDay) -> Coverage:
    return Coverage(q50=row.covered_q50, q80=row.covered_q80, q90=row.covered_q90, q95=row.covered_q95)


def _metrics(row: RunBacktest | ItemBacktestDay, from_date: dt.date, to_date: dt.date) -> BacktestMetrics:
    return BacktestMetrics(
        from_date=from_date,
        to_date=to_date,
        days=row.days,
        units=_thousandths(row.units),
        forecast_units=_thousandths(row.forecast_units),
        wql=row.wql,
        wape=row.wape,
        bias=row.bias,
        coverage=_coverage(row),
        naive_wape=row.naive_wape,
        fva=row.fva,
    )


def _thousandths(units: float | None) -> float | None:
    return None if units is None else round(units, 3)
