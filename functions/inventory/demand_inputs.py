"""What BigQuery knows of demand: the past of every series, and the latest forecast of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from shared.bigquery.queries import CLASSES, DAILY_MEANS, PAST_DEMAND, WINDOW_TOTALS
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS, WINDOW_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.catalog.profiles import PROFILE_SCHEMA, QUANTILES_PER_PROFILE
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.settings import Settings
from shared.firestore.forecast_runs import ForecastRun

_KEY = ["item_id", "location_id"]
_CLASSES = ("abc", "xyz", "demand_pattern", "lifecycle")


@dataclass(frozen=True)
class DemandInputs:
    """`past` and `forecast` by item and location (null: all together), `classes` by item."""

    run: ForecastRun | None
    past: pl.DataFrame
    forecast: pl.DataFrame
    classes: pl.DataFrame

    def completed(self, rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
        """The rows and their past, with a row more for each location where an item sold without being stocked."""
        known = self.past.filter(pl.col("location_id").is_not_null()).join(rows, on=_KEY, how="anti")
        sold_only = (
            known.select(_KEY)
            .join(rows.filter(pl.col("location_id").is_null()).drop("location_id"), on="item_id")
            .with_columns(current_stock=pl.lit(Decimal(0)).cast(ROW_SCHEMA["current_stock"]))
            .select(ROW_SCHEMA.names())
        )
        return (
            pl.concat([rows, sold_only])
            .drop("first_record", "last_sale", *_CLASSES)
            .join(
                self.past.select(*_KEY, "first_record", "last_sale"),
                on=_KEY,
                how="left",
                nulls_equal=True,
                maintain_order="left",
            )
            .join(self.classes, on="item_id", how="left", maintain_order="left")
            # A client's default may have changed; rows with a supplier carry its own lead time.
            .with_columns(
                lead_time_days=pl.when(pl.col("supplier_id").is_null())
                .then(settings.default_lead_time_days)
                .otherwise("lead_time_days")
            )
            .select(ROW_SCHEMA.names())
            .cast(dict(ROW_SCHEMA))  # type: ignore[arg-type]
        )

    def profiles_for(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The demand profile of each row that has any; an item at its only location has the profile of the whole."""
        keys = rows.select(_KEY).with_columns(
            only_place=pl.col("location_id").is_not_null().sum().over("item_id") == 1,
        )
        found = keys.join(self.forecast, on=_KEY, how="left", nulls_equal=True).join(
            self.past.select(*_KEY, "recent_mean", "recent_variance"), on=_KEY, how="left", nulls_equal=True
        )
        whole = self.forecast.filter(pl.col("location_id").is_null()).drop("location_id")
        lacking = pl.col("daily").is_null() & pl.col("only_place") & pl.col("location_id").is_not_null()
        borrowed = found.filter(lacking).drop("forecast_start", "daily", "window_quantiles").join(whole, on="item_id")
        own = found.filter(~lacking)
        return (
            pl.concat([own, borrowed.select(own.columns)])
            .filter(pl.col("daily").is_not_null() | pl.col("recent_mean").is_not_null())
            .select(PROFILE_SCHEMA.names())
            .cast(dict(PROFILE_SCHEMA))  # type: ignore[arg-type]
        )


def read_demand(warehouse: Warehouse, run: ForecastRun | None, first: dt.date, last: dt.date) -> DemandInputs:
    """Everything a refresh needs of BigQuery, over [first, last] of the past; four queries, one without a forecast."""
    past = _places(_frame(warehouse, PAST_DEMAND, first=first, last=last)).with_columns(
        recent_mean=_per_day("recent_units"),
        recent_variance=_per_day("recent_squares") - _per_day("recent_units") ** 2,
    )
    if run is None:
        forecast = pl.DataFrame(schema={name: PROFILE_SCHEMA[name] for name in PROFILE_SCHEMA.names()[:5]})
        return DemandInputs(
            None, past, forecast, pl.DataFrame(schema=dict.fromkeys(("item_id", *_CLASSES), pl.String()))
        )
    which: dict[str, str | dt.date] = {"run_date": run.run_date, "run_id": run.run_id}
    daily = _places(_frame(warehouse, DAILY_MEANS, **which)).with_columns(pl.col("daily").cast(pl.List(pl.Float32)))
    windows = _places(_windows(_frame(warehouse, WINDOW_TOTALS, **which)))
    forecast = daily.join(windows, on=_KEY, nulls_equal=True)
    return DemandInputs(run, past, forecast, _frame(warehouse, CLASSES, **which))


def _frame(warehouse: Warehouse, sql: str, **parameters: str | dt.date) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(warehouse.arrow(sql, **parameters)))


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    """With a null location where BigQuery has the mark of all locations together."""
    return frame.with_columns(
        location_id=pl.when(pl.col("location_id") != ALL_LOCATIONS).then("location_id").otherwise(None)
    )


def _windows(flat: pl.DataFrame) -> pl.DataFrame:
    """One row a series, its quantiles in one list: windows x levels. `flat` is sorted by series and window."""
    per_series = len(WINDOW_DAYS)
    values = flat.select(quantile_column(level) for level in WINDOW_QUANTILES).to_numpy().astype(np.float32)
    if flat.height % per_series or flat["window_days"].to_list()[:per_series] != list(WINDOW_DAYS)[: flat.height]:
        raise ValueError(f"lead_time_demand does not hold the windows {WINDOW_DAYS} for every series")
    lists = pl.Series(
        "window_quantiles", values.reshape(-1, QUANTILES_PER_PROFILE), dtype=pl.Array(pl.Float32, QUANTILES_PER_PROFILE)
    ).cast(pl.List(pl.Float32))
    return flat[::per_series].select(_KEY).with_columns(lists)


def _per_day(column: str) -> pl.Expr:
    days = pl.col("recent_days")
    return pl.when(days > 0).then(pl.col(column).cast(pl.Float64) / days)
