"""Forecast runs as they are shown."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.forecast.backtests import backtest_of_run
from shared.bigquery.accuracy_queries import RUN_ACCURACY
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.forecast_request import ForecastRunNotFound
from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import Operation
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations

_SHOWN = (
    "run_id",
    "engine",
    "requested_engine",
    "run_date",
    "horizon_days",
    "items",
    "series",
    "requested_by",
    "started_at",
    "published_at",
)


def page(tenant: Tenant, size: int, position: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """The runs of one page, the newest first, and where the next one starts; a read more for each that is not done."""
    found, following = ForecastRuns(tenant).page(size, position)
    operations = Operations(tenant).get_many(run.run_id for run in found if _is_followed(run))
    return [_view(run, operations.get(run.run_id)) for run in found], following


def detail(config: Config, tenant: Tenant, run_id: str, now: dt.datetime) -> dict[str, Any]:
    """One run, with its accuracy and its backtest; raises NotFound.

    One read, two while it is not done; one query once a day that it is for may be over, and one for its backtest.
    """
    run = existing(tenant, run_id)
    operations = Operations(tenant).get_many([run.run_id] if _is_followed(run) else [])
    with ThreadPoolExecutor(max_workers=1) as beside:
        backtest = beside.submit(backtest_of_run, config, tenant, run)
        accuracy = _accuracy(config, tenant, run, now)
        found, missing = backtest.result()
    shown = _view(run, operations.get(run.run_id))
    return shown | {"accuracy": accuracy, "backtest": found, "backtest_missing": missing}


def existing(tenant: Tenant, run_id: str) -> ForecastRun:
    """The run, or the one that `latest` stands for; raises NotFound."""
    run = ForecastRuns(tenant).get(run_id)
    if run is None:
        raise ForecastRunNotFound(run_id)
    return run


def _accuracy(config: Config, tenant: Tenant, run: ForecastRun, now: dt.datetime) -> list[dict[str, Any]] | None:
    if not run.published or now.date() <= run.run_date:
        return None
    rows = Warehouse(config, tenant.client_id).rows(RUN_ACCURACY, run_date=run.run_date, run_id=run.run_id)
    return [row._asdict() for row in rows if row.forecasts] or None


def _is_followed(run: ForecastRun) -> bool:
    """Whether its operation knows more of it than the run itself."""
    return run.requested and not run.published


def _view(run: ForecastRun, operation: Operation | None) -> dict[str, Any]:
    status = "succeeded" if run.published else operation.status.value if operation else "running"
    return {name: getattr(run, name) for name in _SHOWN} | {
        "status": status,
        "requested_items": run.item_count,
        "shards": {"done": len(run.shards_done), "total": run.shard_count},
        "is_for_lists": run.for_readers,
        "error": operation.error if operation and not run.published else None,
    }
