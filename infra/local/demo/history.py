"""The past in BigQuery: order events, weekly metrics, and the forecasts of earlier weeks with their scores."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace

import pyarrow.parquet as pq
from google.api_core.exceptions import GoogleAPIError
from requests.exceptions import RequestException

from functions.analytics.scoring import score_forecasts
from functions.purchase_orders.events import order_events, write_events
from infra.local.demo.documents import DEMO
from infra.local.demo.frozen_forecasts import HORIZON_DAYS, FrozenForecast
from infra.local.demo.order_records import OrderRecord
from infra.local.demo.past import Past
from infra.local.demo.weekly_metrics import weekly_metrics
from shared.bigquery.analytics_queries import INVENTORY_TRENDS
from shared.bigquery.tables import ALL_LOCATIONS, METRICS, TABLES
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.forecast_engine import STATISTICAL
from shared.domain.forecast_request import ForecastRequest
from shared.domain.forecast_run import ShardResult
from shared.firestore.driver import database
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.tenant import Tenant

_SCORING_ATTEMPTS = 3
_PUBLISHED_WEEKS = 4  # so that every lag is scored: the longest one four weeks after its run


def load_events(config: Config, records: Sequence[OrderRecord]) -> int:
    """What happened to the orders, as the product tells BigQuery of it; repeatable. Returns how many rows."""
    then = replace(DEMO, business_date=None)  # its days were those of the calendar
    rows = [event for record in records for event in order_events(record.order, record.receipts, then)]
    return write_events(Warehouse(config, DEMO.client_id), rows)


def load_weekly_metrics(config: Config, past: Past, now: dt.datetime) -> int:
    """A year of `inventory_metrics`, in one load, unless it is there. Returns how many rows."""
    warehouse, first = Warehouse(config, DEMO.client_id), past.year.first_day
    if warehouse.rows(INVENTORY_TRENDS, first=first, last=first, location_id=ALL_LOCATIONS, weekly=False):
        return 0
    frame, file = weekly_metrics(past, DEMO.client_id, now), io.BytesIO()
    frame.write_parquet(file)
    warehouse.append(METRICS, file, "demo-weekly-metrics")
    return frame.height


def load_frozen_forecasts(config: Config, past: Past) -> int:
    """The forecasts of earlier weeks, published as runs that lists do not use. Returns of how many weeks."""
    runs = ForecastRuns(Tenant(database(config), DEMO.client_id))
    frozen = past.frozen.forecasts[-_PUBLISHED_WEEKS:]
    if all((run := runs.get(forecast.run_id)) is not None and run.published for forecast in frozen):
        return len(frozen)
    warehouse = Warehouse(config, DEMO.client_id)
    for name, rows in past.frozen.rows(frozen, DEMO.client_id, past.revenue.sum(axis=2)).items():
        file = io.BytesIO()
        pq.write_table(rows, file, compression="zstd")
        table = next(table for table in TABLES if table.name == name)
        warehouse.append(table, file, f"demo-frozen/{name}")
    for forecast in frozen:
        _publish(runs, forecast)
    return len(frozen)


def score(config: Config) -> int:
    """Score them as every night does; returns how many rows. Where the emulator is too slow for a query, it goes on
    behind what is scored; what is missing in the end the next night brings."""
    tenant = Tenant(database(config), DEMO.client_id)
    for _ in range(_SCORING_ATTEMPTS):
        try:
            return score_forecasts(config, tenant, dt.datetime.now(dt.UTC)).rows_changed
        except (GoogleAPIError, RequestException):
            continue
    return 0


def _publish(runs: ForecastRuns, forecast: FrozenForecast) -> None:
    at = dt.datetime.combine(forecast.run_date, dt.time(4), tzinfo=dt.UTC)
    runs.begin(forecast.run_id, forecast.run_date, 1, at, wanted=ForecastRequest(horizon_days=HORIZON_DAYS))
    items = len(forecast.items)
    runs.complete_shard(forecast.run_id, 0, at, ShardResult(items, {STATISTICAL: items}))
