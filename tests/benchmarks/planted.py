"""A synthetic client before its first refresh: documents in Firestore, demand and a forecast run in BigQuery."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import numpy as np
import polars as pl

from shared.bigquery.tables import (
    ALL_LOCATIONS,
    CLASSIFICATIONS,
    DAILY_QUANTILES,
    DEMAND,
    FORECASTS,
    LEAD_TIME_DEMAND,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
    Table,
    quantile_column,
)
from shared.bigquery.warehouse import Warehouse
from shared.domain.purchasing.product import Condition, Product, StockLevel
from shared.firestore.conditions import Conditions
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant
from tests.benchmarks.report import progress
from tests.benchmarks.synthetic import HORIZON_DAYS, TODAY, daily_means, window_quantiles

RUN_ID = "synthetic"
_SALES_PER_ITEM = 20
_HISTORY_DAYS = 240
_BLOCK_SERIES = 10_000
_NUMERIC = pl.Decimal(38, 9)


def plant(tenant: Tenant, warehouse: Warehouse, rows: pl.DataFrame) -> None:
    """Write everything that a refresh of these catalog rows starts from."""
    progress(f"writing the documents of {rows['item_id'].n_unique():,} items")
    plant_documents(tenant, rows)
    progress("loading demand")
    plant_demand(warehouse, tenant.client_id, rows)
    progress("loading a forecast run")
    plant_forecast(tenant, warehouse, rows)


def plant_documents(tenant: Tenant, rows: pl.DataFrame) -> None:
    """A product, its stock and a condition for each item."""
    items = rows.filter(pl.col("location_id").is_null()).to_dicts()
    located = rows.filter(pl.col("location_id").is_not_null()).select("item_id", "location_id", "current_stock")
    levels: dict[str, dict[str, Decimal]] = {}
    for item_id, place, units in located.iter_rows():
        levels.setdefault(item_id, {})[place] = units
    fields = ("item_id", "sku", "product_name", "category", "unit_cost", "unit_price", "needs_review", "strategic")
    terms = (
        "item_id",
        "supplier_id",
        "supplier_name",
        "lead_time_days",
        "moq",
        "packaging_qty",
        "supplier_cost",
    )
    with ThreadPoolExecutor() as threads:
        done = [
            threads.submit(
                Products(tenant).put_many, [Product(**{name: one[name] for name in fields}) for one in items]
            ),
            threads.submit(StockLevels(tenant).put_many, [StockLevel(item, places) for item, places in levels.items()]),
            threads.submit(
                Conditions(tenant).put_many,
                [Condition(**{name: one[name] for name in terms}, is_primary=True) for one in items],
            ),
        ]
        for one in done:
            one.result()


def plant_demand(warehouse: Warehouse, client_id: str, rows: pl.DataFrame) -> None:
    """Some days of sales at each location: about 20 for an item."""
    random = np.random.default_rng(rows.height)
    located = rows.filter(pl.col("location_id").is_not_null())
    items = rows["item_id"].n_unique()
    each = max(1, round(_SALES_PER_ITEM * items / located.height))
    step = _HISTORY_DAYS // each
    days = random.integers(1, step + 1, located.height)[:, None] + np.arange(each) * step
    units = random.integers(1, 30, days.shape)
    dates = np.datetime64(TODAY) - days.astype("timedelta64[D]")
    frame = pl.DataFrame(
        {
            "client_id": pl.Series([client_id]).new_from_index(0, days.size),
            "item_id": located["item_id"].gather(np.repeat(np.arange(located.height), each)),
            "location_id": located["location_id"].gather(np.repeat(np.arange(located.height), each)),
            "date_local": pl.Series(dates.ravel()).cast(pl.Date),
            "units_sold": pl.Series(units.ravel()).cast(_NUMERIC),
            "revenue": pl.Series(units.ravel() * 3).cast(_NUMERIC),
        }
    ).with_columns(pl.lit("synthetic").alias("run_id"))
    _append(warehouse, DEMAND, frame, "demand")


def plant_forecast(tenant: Tenant, warehouse: Warehouse, rows: pl.DataFrame) -> None:
    """A published run: each item as a whole, and at each location of those that have several."""
    several = pl.col("location_id").is_not_null().sum().over("item_id") > 1
    series = rows.filter(pl.col("location_id").is_null() | several).select(
        "item_id", pl.col("location_id").fill_null(ALL_LOCATIONS)
    )
    mean = daily_means(np.random.default_rng(series.height), series.height)
    for number, (part, means) in enumerate(_blocks(series, mean)):
        _append(warehouse, FORECASTS, _daily(tenant.client_id, part, means), f"daily-{number}")
        _append(warehouse, LEAD_TIME_DEMAND, _windows(tenant.client_id, part, means), f"windows-{number}")
    classes = rows.filter(pl.col("location_id").is_null()).select(
        "item_id", "abc", "xyz", "demand_pattern", "lifecycle"
    )
    _append(warehouse, CLASSIFICATIONS, _of_run(tenant.client_id, classes), "classes")
    runs, now = ForecastRuns(tenant), dt.datetime.now(dt.UTC)
    runs.begin(RUN_ID, TODAY, 1, now)
    runs.complete_shard(RUN_ID, 0, now)


def _blocks(series: pl.DataFrame, mean: np.ndarray) -> Iterator[tuple[pl.DataFrame, np.ndarray]]:
    for start in range(0, series.height, _BLOCK_SERIES):
        yield series[start : start + _BLOCK_SERIES], mean[start : start + _BLOCK_SERIES]


def _daily(client_id: str, series: pl.DataFrame, mean: np.ndarray) -> pl.DataFrame:
    """Demand that follows the week; the quantiles are those of the mean times a factor."""
    week = np.array([1.2, 1.1, 1.0, 1.1, 1.3, 0.9, 0.4])[np.arange(HORIZON_DAYS) % 7]
    daily = (mean[:, None] * week).ravel().round(3)
    row = np.repeat(np.arange(series.height), HORIZON_DAYS)
    dates = np.tile(np.datetime64(TODAY) + np.arange(HORIZON_DAYS), series.height)
    frame = series[row].with_columns(
        date_local=pl.Series(dates).cast(pl.Date), mean=pl.Series(daily), engine=pl.lit("synthetic")
    )
    levels = [(pl.col("mean") * 2 * level).round(2).alias(quantile_column(level)) for level in DAILY_QUANTILES]
    return _of_run(client_id, frame.with_columns(levels))


def _windows(client_id: str, series: pl.DataFrame, mean: np.ndarray) -> pl.DataFrame:
    quantiles = window_quantiles(mean).reshape(-1, len(WINDOW_QUANTILES))
    frame = series[np.repeat(np.arange(series.height), len(WINDOW_DAYS))].with_columns(
        window_days=pl.Series(np.tile(WINDOW_DAYS, series.height)),
        mean=pl.Series((mean[:, None] * np.array(WINDOW_DAYS)).ravel()),
    )
    levels = [pl.Series(quantile_column(level), quantiles[:, number]) for number, level in enumerate(WINDOW_QUANTILES)]
    return _of_run(client_id, frame.with_columns(levels))


def _of_run(client_id: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(client_id=pl.lit(client_id), run_date=pl.lit(TODAY), run_id=pl.lit(RUN_ID))


def _append(warehouse: Warehouse, table: Table, frame: pl.DataFrame, job_id: str) -> None:
    missing = [pl.lit(None).alias(name) for name in table.column_names if name not in frame.columns]
    file = io.BytesIO()
    frame.with_columns(missing).select(table.column_names).write_parquet(file)
    warehouse.append(table, file, job_id)
