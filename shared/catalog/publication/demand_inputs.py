"""What BigQuery knows of demand: the past of every series, and the latest forecast of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from shared.bigquery.demand_queries import PAST_DEMAND
from shared.bigquery.forecast_queries import CLASSES, FORECAST_CURVES
from shared.bigquery.query import Query
from shared.bigquery.tables import ALL_LOCATIONS, WINDOW_DAYS
from shared.bigquery.warehouse import Warehouse
from shared.catalog.demand_profiles import PROFILE_SCHEMA
from shared.catalog.restatement import with_default_lead_time
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.forecast_run import ForecastRun
from shared.domain.settings import Settings

_KEY = ["item_id", "location_id"]
_CLASSES = ("abc", "xyz", "demand_pattern")
_PAST = ("first_record", "last_sale", "units_sold_28d", "sale_price", "days_per_sale", "usual_daily_demand")
_CURVES = pl.Schema(
    {name: kind for name, kind in PROFILE_SCHEMA.items() if not name.startswith("recent")}
    | {"window_days": pl.List(pl.Int64())}
)


@dataclass(frozen=True)
class DemandInputs:
    """`past` and `forecast` by item and location (null: all together), `classes` by item."""

    past: pl.DataFrame
    forecast: pl.DataFrame
    classes: pl.DataFrame

    def completed(self, rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
        """The rows and their past, with a row more for each location where an item sold without being stocked."""
        known = self.past.filter(pl.col("location_id").is_not_null()).join(rows, on=_KEY, how="anti")
        sold_only = (
            known.select(_KEY)
            .join(rows.filter(pl.col("location_id").is_null()).drop("location_id"), on="item_id")
            # What the item has in other places, and what is on order for it, is none of this one's.
            .with_columns(
                pl.lit(Decimal(0)).cast(ROW_SCHEMA["current_stock"]).alias("current_stock"),
                pl.lit(Decimal(0)).cast(ROW_SCHEMA["committed"]).alias("committed"),
                *(pl.lit(None, ROW_SCHEMA[name]).alias(name) for name in ("stock_updated_at", "open_lines")),
            )
            .select(ROW_SCHEMA.names())
        )
        completed = (
            pl.concat([rows, sold_only])
            .drop(*_PAST, *_CLASSES)
            .join(
                self.past.select(*_KEY, *_PAST),
                on=_KEY,
                how="left",
                nulls_equal=True,
                maintain_order="left",
            )
            .join(self.classes, on="item_id", how="left", maintain_order="left")
            .select(ROW_SCHEMA.names())
            .cast(dict(ROW_SCHEMA))  # type: ignore[arg-type]
        )
        return with_default_lead_time(completed, settings)

    def profiles_for(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The demand profile of each row that has any; an item at its only location has the profile of the whole."""
        numbers = self.forecast.select(_KEY).with_row_index("number")
        whole = numbers.filter(pl.col("location_id").is_null()).select("item_id", whole="number")
        only_place = pl.col("location_id").is_not_null().sum().over("item_id") == 1
        keys = (
            rows.select(_KEY)
            .with_columns(only_place=only_place & pl.col("location_id").is_not_null())
            .join(numbers, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
            .join(whole, on="item_id", how="left", maintain_order="left")
            .join(
                self.past.select(*_KEY, "recent_mean", "recent_variance"),
                on=_KEY,
                how="left",
                nulls_equal=True,
                maintain_order="left",
            )
            .with_columns(number=pl.coalesce("number", pl.when("only_place").then("whole")))
            .filter(pl.col("number").is_not_null() | pl.col("recent_mean").is_not_null())
        )
        # The curves are most of the refresh's memory: they are put beside their rows once, by number.
        curves = self.forecast.drop(_KEY).select(pl.all().gather(keys["number"]))
        return pl.concat([keys, curves], how="horizontal").select(PROFILE_SCHEMA.names()).cast(dict(PROFILE_SCHEMA))  # type: ignore[arg-type]


def read_demand(warehouse: Warehouse, run: ForecastRun | None, first: dt.date, last: dt.date) -> DemandInputs:
    """Everything a refresh needs of BigQuery, over [first, last] of the past; three queries, one without a forecast."""
    past = _places(_frame(warehouse, PAST_DEMAND, first=first, last=last)).with_columns(
        recent_mean=_per_day("recent_units"),
        recent_variance=_per_day("recent_squares") - _per_day("recent_units") ** 2,
    )
    if run is None:
        classes = pl.DataFrame(schema=dict.fromkeys(("item_id", *_CLASSES), pl.String()))
        return DemandInputs(past, pl.DataFrame(schema=_CURVES).drop("window_days"), classes)
    which: dict[str, str | dt.date] = {"run_date": run.run_date, "run_id": run.run_id}
    return DemandInputs(past, _places(_curves(warehouse, which)), _frame(warehouse, CLASSES, **which))


def _frame(warehouse: Warehouse, query: Query, **parameters: str | dt.date) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(warehouse.arrow(query, **parameters)))


def _curves(warehouse: Warehouse, which: Mapping[str, str | dt.date]) -> pl.DataFrame:
    """The forecast of every series in the single precision of profiles; at no time all of it in double."""
    expected = pl.lit(pl.Series([list(WINDOW_DAYS)]))
    parts = [pl.DataFrame(schema=_CURVES)]
    for batch in warehouse.batches(FORECAST_CURVES, **which):
        part = pl.DataFrame(pl.from_arrow(batch)).select(_CURVES.names()).cast(dict(_CURVES))  # type: ignore[arg-type]
        if part.filter(pl.col("window_days") != expected).height:
            raise ValueError(f"lead_time_demand does not hold the windows {WINDOW_DAYS} for every series")
        parts.append(part)
    return pl.concat(parts).drop("window_days")


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    """With a null location where BigQuery has the mark of all locations together."""
    return frame.with_columns(
        location_id=pl.when(pl.col("location_id") != ALL_LOCATIONS).then("location_id").otherwise(None)
    )


def _per_day(column: str) -> pl.Expr:
    days = pl.col("recent_days")
    return pl.when(days > 0).then(pl.col(column).cast(pl.Float64) / days)
