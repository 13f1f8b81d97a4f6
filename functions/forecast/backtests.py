"""The backtest of a run as it is shown: over all its items, and of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.bigquery.backtest_queries import RUN_BACKTEST, ItemBacktestDay, RunBacktest
from shared.bigquery.tables import COVERED_QUANTILES, DAILY_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.forecast_run import ForecastRun
from shared.firestore.tenant import Tenant

_COVERED = [quantile_column(level) for level in COVERED_QUANTILES]
_QUANTILES = [quantile_column(level) for level in DAILY_QUANTILES]
_SHOWN = ("origin_date", "last_date", "days", "wql", "wape", "bias", "naive_wape", "fva")


def backtest_of_run(config: Config, tenant: Tenant, run: ForecastRun) -> tuple[dict[str, Any] | None, str | None]:
    """(metrics over all items, None), or (None, why there are none); one query where there may be some."""
    if not run.backtest:
        return None, "the run was not asked for one"
    if not run.published:
        return None, "the run has not been published"
    (row,) = Warehouse(config, tenant.client_id).rows(RUN_BACKTEST, run_date=run.run_date, run_id=run.run_id)
    if not row.items:
        return None, "no item was known for two weeks before the days that it would have forecast"
    return {"items": row.items, **_metrics(row)}, None


def backtest_of_item(rows: Sequence[ItemBacktestDay]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """(its days, the metrics of them all) of what ITEM_BACKTEST found; no row: ([], None)."""
    days = [
        {
            "date": row.date_local,
            "actual": row.units_sold,
            "mean": row.mean,
            "quantiles": {name: getattr(row, name) for name in _QUANTILES},
        }
        for row in rows
    ]
    return days, _metrics(rows[0]) if rows else None


def _metrics(row: RunBacktest | ItemBacktestDay) -> dict[str, Any]:
    units = {"units": _thousandths(row.units), "forecast_units": _thousandths(row.forecast_units)}
    coverage = {name: getattr(row, f"covered_{name}") for name in _COVERED}
    return {name: getattr(row, name) for name in _SHOWN} | units | {"coverage": coverage}


def _thousandths(units: float | None) -> float | None:
    return None if units is None else round(units, 3)
