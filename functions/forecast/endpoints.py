"""HTTP surface of forecasts."""

from __future__ import annotations

from typing import Any

from flask import Response

from functions.forecast import runs, series, service
from functions.forecast.chart_response import CHART, chart_response
from functions.forecast.schemas import (
    ChartQuery,
    ForecastBody,
    ItemForecast,
    RunDetail,
    RunItemPath,
    RunPage,
    RunPath,
    RunQuery,
    SeriesQuery,
    TaskBody,
    TaskResult,
    WatchResult,
)
from functions.forecast.selection import InvalidCovariates, ItemsAndFilters, NothingToForecast
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE, STARTERS_OF_FORECASTS
from shared.domain.errors import InvalidLines
from shared.domain.forecast_request import ForecastNotPublished, ForecastRunNotFound, ItemNotForecast
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, errors, internal, now, principal, request_context, tenant
from shared.http.app import Api
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.operations import OperationView, accepted
from shared.http.paging import by_token

app = Api("forecast", "Forecasts", prefixes=("forecast",))


@app.post("/forecast", summary="Forecast demand", responses={202: OperationView})
@allow(STARTERS_OF_FORECASTS)
@errors(
    InvalidCovariates,
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
    fields=(
        ItemsAndFilters,
        NothingToForecast,
        ProductNotFound,
        InvalidLines,
    ),
)
def start_forecast(body: ForecastBody) -> Response:
    """Of some items, or of all. Answers with an operation, whose id is the run's.

    A run of all items with the usual horizon of 90 days becomes `latest`, which lists, metrics and suggestions use;
    any other is read by its id only. It starts on the client's today.
    """
    owner, user_id, moment = tenant(), principal().user_id, now()
    return once(
        request_context(),
        body.model_dump_json(),
        lambda: accepted(service.start(config(), owner, user_id, moment, body, request_context().request_id)),
    )


@app.get("/forecast", summary="Forecast runs, the newest first", responses={200: RunPage})
@allow(EVERY_ROLE)
def list_runs(query: RunQuery) -> dict[str, Any]:
    """The daily ones and those that were asked for."""
    found, following = runs.page(tenant(), query.page_size, query.position())
    return by_token(query, found, following)


@app.get("/forecast/<string:run_id>", summary="A forecast run", responses={200: RunDetail})
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound)
def get_run(path: RunPath) -> dict[str, Any]:
    """How far it is, what worked on it, how good the same forecast was for the weeks before it (backtest), and how good
    it has itself turned out to be (accuracy)."""
    return runs.detail(config(), tenant(), path.run_id, now())


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>", summary="An item's forecast", responses={200: ItemForecast}
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_forecast(path: RunItemPath, query: SeriesQuery) -> dict[str, Any]:
    """Each day's distribution, the calibrated totals over windows, the history before it, and the backtest: what would
    have been forecast of its last days beside what sold on them."""
    return series.item_forecast(
        config(), tenant(), path.run_id, path.item_id, query.location_id, query.history_days
    ).as_view()


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>/chart",
    summary="An item's forecast as a picture",
    responses={200: CHART},
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_chart(path: RunItemPath, query: ChartQuery) -> Response:
    """The history as a line, the forecast's mean and the bands in which demand lies on 50, 80 and 90 % of days; behind
    the history the median and the 80 % band of the backtest.

    PNG is for where SVG cannot be shown: it knows Latin letters only."""
    return chart_response(config(), tenant(), path.run_id, path.item_id, query)


@app.post("/forecast/internal/launch", responses={200: TaskResult})
@internal("forecast")
def launch(body: TaskBody) -> dict[str, str]:
    """The task of a run: start its execution, once."""
    return {"status": service.launch(config(), Tenant(database(config()), body.client_id), body.operation_id)}


@app.post("/forecast/internal/watch", responses={200: WatchResult})
@internal("forecast")
def watch() -> dict[str, int]:
    """Look after the runs that are out: one whose execution died ends as failed, one that was cancelled is stopped.

    Cloud Scheduler calls this every minute.
    """
    watched, ended = service.watch(config(), now())
    return {"watched": watched, "ended": ended}
