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


@app.post("/forecast", summary="Start a forecast", responses={202: OperationView})
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
    """Forecast some items, or all of them. Answers with an operation, whose id is the run's id.

    A run of all items with the usual horizon of 90 days becomes `latest`, which lists, metrics and suggestions use; any
    other run is read only by its id. A run starts on the client's today.
    """
    owner, user_id, moment = tenant(), principal().user_id, now()
    return once(
        request_context(),
        body.model_dump_json(),
        lambda: accepted(service.start(config(), owner, user_id, moment, body, request_context().request_id)),
    )


@app.get("/forecast", summary="List forecast runs, newest first", responses={200: RunPage})
@allow(EVERY_ROLE)
def list_runs(query: RunQuery) -> dict[str, Any]:
    """Return the daily runs and the requested ones."""
    found, following = runs.page(tenant(), query.page_size, query.position())
    return vars(by_token(query, found, following))


@app.get("/forecast/<string:run_id>", summary="Get a forecast run", responses={200: RunDetail})
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound)
def get_run(path: RunPath) -> dict[str, Any]:
    """Return its progress and engine, its backtest (how good the same forecast was for the weeks before it) and its
    accuracy (how good it has turned out to be).
    """
    return runs.detail(config(), tenant(), path.run_id, now())


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>", summary="Get an item's forecast", responses={200: ItemForecast}
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_forecast(path: RunItemPath, query: SeriesQuery) -> dict[str, Any]:
    """Return each day's distribution, the calibrated totals over windows, the history before it, and the backtest: what
    would have been forecast for the last days, beside what sold on them.
    """
    return series.item_forecast(
        config(), tenant(), path.run_id, path.item_id, query.location_id, query.history_days
    ).as_view()


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>/chart",
    summary="Get an item's forecast as a picture",
    responses={200: CHART},
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_chart(path: RunItemPath, query: ChartQuery) -> Response:
    """Draw the history as a line, the forecast's mean, and the bands that contain demand on 50, 80 and 90 % of days;
    behind the history, the median and the 80 % band of the backtest.

    Choose PNG where SVG cannot be shown; it supports Latin letters only.
    """
    return chart_response(config(), tenant(), path.run_id, path.item_id, query)


@app.post("/forecast/internal/launch", responses={200: TaskResult})
@internal("forecast")
def launch(body: TaskBody) -> dict[str, str]:
    """Start the execution of a run, once. Cloud Tasks calls this."""
    return {"status": service.launch(config(), Tenant(database(config()), body.client_id), body.operation_id)}


@app.post("/forecast/internal/watch", responses={200: WatchResult})
@internal("forecast")
def watch() -> dict[str, int]:
    """Watch unfinished runs: fail those whose execution died, and stop those that were cancelled.

    Cloud Scheduler calls this every minute.
    """
    watched, ended = service.watch(config(), now())
    return {"watched": watched, "ended": ended}
