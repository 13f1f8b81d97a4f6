"""HTTP surface of forecasts."""

from __future__ import annotations

from flask import Response

from functions.forecast import runs, service
from functions.forecast.item_chart import item_chart
from functions.forecast.picture import svg
from functions.forecast.schemas import (
    ChartQuery,
    ForecastBody,
    ForecastRunDetail,
    ForecastRunPage,
    ForecastRunView,
    ItemForecast,
    RunItemPath,
    RunPath,
    RunQuery,
    SeriesQuery,
    WatchResult,
)
from functions.forecast.selection import InvalidCovariates, ItemsAndFilters, NothingToForecast
from functions.forecast.series import item_forecast, item_series
from shared.catalog.schema import CATALOG_ERRORS
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE
from shared.domain.errors import InvalidLines
from shared.domain.forecast_request import ForecastForLists, ForecastNotPublished, ForecastRunNotFound, ItemNotForecast
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, clock, errors, idempotent, internal, now
from shared.http.app import Api
from shared.http.operations import OperationView, TaskBody, TaskResult, accepted
from shared.http.paging import ItemsByToken, views_by_token
from shared.http.reply import Reply
from shared.http.routes import File
from shared.request_context import RequestContext

_SVG, _PNG = "image/svg+xml; charset=utf-8", "image/png"
_CHART = File("The picture.", (_SVG, _PNG), attached=False)

app = Api("forecast", "Forecasts", prefixes=("forecast",))


@app.post("/forecast", summary="Start a forecast", responses={202: OperationView})
@allow(EVERY_ROLE)
@idempotent
@errors(
    ForecastForLists,
    InvalidCovariates,
    *CATALOG_ERRORS,
    fields=(
        ItemsAndFilters,
        NothingToForecast,
        ProductNotFound,
        InvalidLines,
    ),
)
def start_forecast(context: RequestContext, body: ForecastBody) -> Reply:
    """Forecast some items, or all of them. Answers with an operation, whose id is the run's id.

    A run of all items with the usual horizon of 90 days becomes `latest`, which lists, metrics and suggestions use; any
    other run is read only by its id, and open to every role. A run starts on the client's today.
    """
    return accepted(service.start(context, body))


@app.get("/forecast", summary="List forecast runs, newest first", responses={200: ForecastRunPage})
@allow(EVERY_ROLE)
def list_forecast_runs(context: RequestContext, query: RunQuery) -> ItemsByToken[ForecastRunView]:
    """Return the daily runs and the requested ones."""
    return views_by_token(query, runs.views(context.tenant, query.request()), lambda run: run)


@app.get("/forecast/<string:run_id>", summary="Get a forecast run", responses={200: ForecastRunDetail})
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound)
def get_forecast_run(context: RequestContext, path: RunPath) -> ForecastRunDetail:
    """Return its progress and engine, its backtest (how good the same forecast was for the weeks before it) and its
    accuracy (how good it has turned out to be).
    """
    return runs.detail(context, path.run_id)


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>", summary="Get an item's forecast", responses={200: ItemForecast}
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_forecast(context: RequestContext, path: RunItemPath, query: SeriesQuery) -> ItemForecast:
    """Return each day's distribution, the calibrated totals over windows, the history before it, and the backtest: what
    would have been forecast for the last days, beside what sold on them.
    """
    return item_forecast(item_series(context, path.run_id, path.item_id, query))


@app.get(
    "/forecast/<string:run_id>/items/<item_id:item_id>/chart",
    summary="Get an item's forecast as a picture",
    responses={200: _CHART},
)
@allow(EVERY_ROLE)
@errors(ForecastRunNotFound, ForecastNotPublished, ItemNotForecast)
def get_item_forecast_chart(context: RequestContext, path: RunItemPath, query: ChartQuery) -> Response:
    """Draw the history as a line, the forecast's mean, and the bands that contain demand on 50, 80 and 90 % of days;
    behind the history, the median and the 80 % band of the backtest.

    Choose PNG where SVG cannot be shown; it supports Latin letters only.
    """
    chart = item_chart(context, path.run_id, path.item_id, query)
    if query.format == "svg":
        # Opened by itself in a browser it is a document: nothing in it may run or be fetched.
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
        return Response(svg(chart), content_type=_SVG, headers=headers)
    from functions.forecast.png import png  # needed by this answer only, and slow to import

    return Response(png(chart), content_type=_PNG)


@app.post("/forecast/internal/launch", responses={200: TaskResult})
@internal("forecast")
def launch(body: TaskBody) -> TaskResult:
    """Start the execution of a run, once, or leave it to wait for other clients' runs. Cloud Tasks calls this."""
    tenant = Tenant(database(config()), body.client_id)
    return TaskResult(status=service.launch(config(), tenant, body.operation_id, clock))


@app.post("/forecast/internal/watch", responses={200: WatchResult})
@internal("forecast")
def watch() -> WatchResult:
    """Watch unfinished runs: start those that have waited, fail those whose execution died, stop those that were
    cancelled.

    Cloud Scheduler calls this every minute.
    """
    watched, ended = service.watch(config(), now())
    return WatchResult(watched=watched, ended=ended)
