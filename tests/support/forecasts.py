"""A published forecast run, as the forecast job leaves it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping

import polars as pl

from shared.bigquery.tables import (
    ALL_LOCATIONS,
    CLASSIFICATIONS,
    DAILY_QUANTILES,
    FORECASTS,
    LEAD_TIME_DEMAND,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
    Table,
    quantile_column,
)
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.tenants import TODAY, TestClient

HORIZON_DAYS = 90
_NOW = dt.datetime(2024, 6, 3, 4, tzinfo=dt.UTC)


def publish_forecast(
    client: TestClient,
    daily: Mapping[str, float | Mapping[str, float]],
    *,
    run_id: str = "run-1",
    run_date: dt.date = TODAY,
) -> None:
    """The same expected demand on each of 90 days, of an item as a whole or by location; totals 0 to twice the mean."""
    key = {"client_id": client.client_id, "run_date": run_date, "run_id": run_id}
    means = {item: {ALL_LOCATIONS: of} if isinstance(of, float) else dict(of) for item, of in daily.items()}
    series = [(item, place, mean) for item, places in means.items() for place, mean in places.items()]
    forecasts = [
        {**key, "item_id": item, "location_id": place, "date_local": run_date + dt.timedelta(day), "mean": mean}
        | {quantile_column(level): 2 * level * mean for level in DAILY_QUANTILES}
        | {"engine": "test"}
        for item, place, mean in series
        for day in range(HORIZON_DAYS)
    ]
    totals = [
        {**key, "item_id": item, "location_id": place, "window_days": days, "mean": mean * days}
        | {quantile_column(level): 2 * level * mean * days for level in WINDOW_QUANTILES}
        for item, place, mean in series
        for days in WINDOW_DAYS
    ]
    classes = [
        {**key, "item_id": item, "abc": "A", "xyz": "X", "demand_pattern": "smooth", "lifecycle": "mature"}
        for item in means
    ]
    for table, rows in ((FORECASTS, forecasts), (LEAD_TIME_DEMAND, totals), (CLASSIFICATIONS, classes)):
        append_rows(client, table, pl.DataFrame(rows), run_id)
    runs = ForecastRuns(client.tenant)
    runs.begin(run_id, run_date, 1, _NOW)
    runs.complete_shard(run_id, 0, _NOW)


def append_rows(client: TestClient, table: Table, rows: pl.DataFrame, run_id: str) -> None:
    """Load rows of a table; columns that they do not have are null."""
    types = {
        "STRING": pl.String(),
        "DATE": pl.Date(),
        "FLOAT64": pl.Float64(),
        "INT64": pl.Int64(),
        "NUMERIC": pl.Decimal(38, 9),
    }
    missing = [
        pl.lit(None, types[column.type]).alias(column.name)
        for column in table.columns
        if column.name not in rows.columns
    ]
    file = io.BytesIO()
    rows.with_columns(missing).select(table.column_names).write_parquet(file)
    file.seek(0)
    Warehouse(config(), client.client_id).append(table, file, f"{run_id}/{table.name}")
