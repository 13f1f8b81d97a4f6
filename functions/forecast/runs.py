"""Forecast runs as they are shown."""

from __future__ import annotations

from functions.forecast.backtests import backtest_of_run
from functions.forecast.schemas import ForecastRunDetail, ForecastRunView, RunAccuracy, RunFailure, Shards
from shared.bigquery.accuracy_queries import RUN_ACCURACY
from shared.bigquery.warehouse import Warehouse
from shared.domain.forecast_request import ForecastRunNotFound
from shared.domain.forecast_run import ForecastRun
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.tasks.operations import Operations
from shared.telemetry.threads import Threads


def views(tenant: Tenant, page: PageRequest) -> Page[ForecastRunView]:
    """A page of the runs, the newest first; a read more for each that is not done."""
    runs = ForecastRuns(tenant).page(page)
    operations = Operations(tenant).get_many(run.run_id for run in runs.items if _is_followed(run))
    return Page([_view(run, operations.get(run.run_id)) for run in runs.items], runs.following, runs.total)


def detail(context: RequestContext, run_id: str) -> ForecastRunDetail:
    """One run, with its accuracy and its backtest; raises ForecastRunNotFound.

    One read, two while it is not done; one query once a day that it is for may be over, and one for its backtest.
    """
    run = existing(context.tenant, run_id)
    operations = Operations(context.tenant).get_many([run.run_id] if _is_followed(run) else [])
    with Threads(max_workers=1) as pool:
        query = pool.submit(backtest_of_run, context, run)
        accuracy = _accuracy(context, run)
        backtest, missing = query.result()
    view = _view(run, operations.get(run.run_id))
    return ForecastRunDetail(**vars(view), accuracy=accuracy, backtest=backtest, backtest_missing=missing)


def existing(tenant: Tenant, run_id: str) -> ForecastRun:
    """The run, or the one that `latest` stands for; raises NotFound."""
    run = ForecastRuns(tenant).get(run_id)
    if run is None:
        raise ForecastRunNotFound(run_id)
    return run


def _accuracy(context: RequestContext, run: ForecastRun) -> list[RunAccuracy] | None:
    if not run.published or context.now.date() <= run.run_date:
        return None
    warehouse = Warehouse(context.config, context.tenant.client_id)
    rows = warehouse.rows(RUN_ACCURACY, run_date=run.run_date, run_id=run.run_id)
    return [RunAccuracy(**row._asdict()) for row in rows if row.forecasts] or None


def _is_followed(run: ForecastRun) -> bool:
    """Whether its operation knows more of it than the run itself."""
    return run.requested and not run.published


def _view(run: ForecastRun, operation: Operation | None) -> ForecastRunView:
    status = operation.status if operation else OperationStatus.RUNNING
    return ForecastRunView(
        run_id=run.run_id,
        status=OperationStatus.SUCCEEDED if run.published else status,
        engine=run.engine,
        requested_engine=run.requested_engine,
        fallback_reason=run.fallback_reason,
        series_by_engine=dict(run.series_by_engine),
        run_date=run.run_date,
        horizon_days=run.horizon_days,
        requested_items=run.item_count,
        items=run.items,
        series=run.series,
        shards=Shards(done=len(run.shards_done), total=run.shard_count),
        is_for_lists=run.for_readers,
        requested_by=run.requested_by,
        created_at=run.started_at,
        updated_at=run.updated_at or run.started_at,
        published_at=run.published_at,
        error=RunFailure(**operation.error) if operation and operation.error and not run.published else None,
    )
