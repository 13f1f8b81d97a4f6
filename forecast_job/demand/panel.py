"""Demand as a dense panel: a row a series (an item at a location, or "*" for all of them), a column a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.bigquery.tables import ALL_LOCATIONS
from shared.domain.errors import Invalid

Demand = NDArray[np.float32]

HISTORY_DAYS = 731  # two years: last year's season, and the year before to learn which holidays come back


class HistoryTooShort(Invalid):
    """The demand spans too few days for what was asked."""

    code = "history_too_short"


class NoDemand(Invalid):
    """There is no demand in the records."""

    code = "no_demand"


@dataclass(frozen=True)
class Panel:
    """`units[s, d]`: what series s sold on day `first + d`; NaN where demand is not known.

    Not known are the days before the series' first record, and days that it began without stock and sold nothing on (a
    stockout says nothing about demand). A day without a record in between is a day without a sale: zero. `same_as[s]`
    is the row whose demand equals that of s by construction (the "*" of an item sold at one location), else s itself.
    """

    first: dt.date
    item_ids: tuple[str, ...]
    location_ids: tuple[str, ...]
    units: Demand
    same_as: NDArray[np.int64]

    @property
    def series(self) -> int:
        return self.units.shape[0]

    @property
    def days(self) -> int:
        return self.units.shape[1]

    @property
    def origin(self) -> dt.date:
        """The first day after the panel: the first day to forecast."""
        return self.first + dt.timedelta(days=self.days)

    def rows(self, chosen: NDArray[np.int64]) -> Panel:
        """The panel of some rows; each stands for itself in it."""
        return Panel(
            self.first,
            tuple(self.item_ids[row] for row in chosen),
            tuple(self.location_ids[row] for row in chosen),
            self.units[chosen],
            np.arange(len(chosen)),
        )

    def until(self, days: int) -> Panel:
        """What was known after the first `days` days."""
        return Panel(self.first, self.item_ids, self.location_ids, self.units[:, :days], self.same_as)

    def since(self, days: int) -> Panel:
        """The panel without its first `days` days."""
        first = self.first + dt.timedelta(days=days)
        return Panel(first, self.item_ids, self.location_ids, self.units[:, days:], self.same_as)

    def distinct(self) -> NDArray[np.int64]:
        """The rows that are no copy of another one."""
        return np.flatnonzero(self.same_as == np.arange(self.series))

    def totals(self) -> NDArray[np.int64]:
        """The rows of items as a whole."""
        return np.flatnonzero(np.array(self.location_ids, dtype=object) == ALL_LOCATIONS)


@dataclass(frozen=True)
class Ignored:
    """Records that are not used, by reason."""

    future: int = 0
    before_history: int = 0
    negative: int = 0

    def __add__(self, other: Ignored) -> Ignored:
        return Ignored(
            self.future + other.future, self.before_history + other.before_history, self.negative + other.negative
        )

    def counts(self) -> Mapping[str, int]:
        """The reasons that occurred."""
        named = {"future": self.future, "before_history": self.before_history, "negative": self.negative}
        return {reason: count for reason, count in named.items() if count}


def build_panel(records: pl.DataFrame, first: dt.date, origin: dt.date) -> tuple[Panel, Ignored]:
    """The panel of the days from `first` to the day before `origin`, with "*" rows first, then items by location.

    `records`: item_id, location_id, date_local, units_sold and, where known, stock_on_date. Several records of one day
    add up. Dates outside the days are left out, negative units count as zero; both are counted. A series whose only
    records lie outside has no row.
    """
    prepared = _prepared(records)
    inside = prepared.filter(pl.col("day").is_between(first, origin, closed="left"))
    ignored = Ignored(
        future=prepared.filter(pl.col("day") >= origin).height,
        before_history=prepared.filter(pl.col("day") < first).height,
        negative=inside.filter(pl.col("units") < 0).height,
    )
    inside = inside.with_columns(pl.col("units").clip(lower_bound=0))
    located = _by_day(inside, "item_id", "location_id")
    locations = located.group_by("item_id").agg(pl.col("location_id").n_unique().alias("locations"))
    total = _by_day(inside, "item_id").with_columns(location_id=pl.lit(ALL_LOCATIONS)).select(located.columns)
    keys = pl.concat(
        [
            total.select("item_id", "location_id").unique().sort("item_id"),
            located.select("item_id", "location_id").unique().sort("item_id", "location_id"),
        ]
    ).with_row_index("row")
    units = _dense(pl.concat([total, located]), keys, first, (origin - first).days)
    total_row = keys.filter(pl.col("location_id") == ALL_LOCATIONS).select("item_id", total_row="row")
    same = keys.join(total_row, on="item_id", maintain_order="left").join(
        locations, on="item_id", maintain_order="left"
    )
    same_as = same.select(pl.when(pl.col("locations") == 1).then("total_row").otherwise("row").alias("same_as"))
    panel = Panel(
        first,
        tuple(keys["item_id"]),
        tuple(keys["location_id"]),
        units,
        same_as["same_as"].cast(pl.Int64).to_numpy().astype(np.int64),
    )
    return panel, ignored


def whole_items(records: pl.DataFrame) -> Panel:
    """The panel of item totals over all the days of the records. Raises Invalid where there are none."""
    first, last = (records["date_local"].min(), records["date_local"].max()) if len(records) else (None, None)
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        raise NoDemand("there is no demand in these records")
    panel, _ = build_panel(records, first, last + dt.timedelta(days=1))
    return panel.rows(panel.totals())


def _prepared(records: pl.DataFrame) -> pl.DataFrame:
    stock = pl.col("stock_on_date") if "stock_on_date" in records.columns else pl.lit(None)
    return records.select(
        pl.col("item_id").cast(pl.String),
        pl.col("location_id").cast(pl.String),
        pl.col("date_local").cast(pl.Date).alias("day"),
        pl.col("units_sold").cast(pl.Float64).fill_null(0).alias("units"),
        stock.cast(pl.Float64).alias("stock"),
    )


def _by_day(records: pl.DataFrame, *key: str) -> pl.DataFrame:
    """One row a key and day; `stockout` where nothing was sold and every record of the day says there was no stock."""
    stockout = (pl.col("stock") <= 0).fill_null(value=False).all() & (pl.col("units").sum() == 0)
    return records.group_by(*key, "day").agg(pl.col("units").sum(), stockout.alias("stockout"))


def _dense(daily: pl.DataFrame, keys: pl.DataFrame, first: dt.date, days: int) -> Demand:
    placed = daily.join(keys, on=["item_id", "location_id"], maintain_order="left").select(
        "row", (pl.col("day") - pl.lit(first)).dt.total_days().alias("offset"), "units", "stockout"
    )
    row, offset = placed["row"].to_numpy(), placed["offset"].to_numpy()
    start = np.full(len(keys), days)
    np.minimum.at(start, row, offset)
    units = np.where(np.arange(days) >= start[:, None], np.float32(0), np.float32(np.nan))
    units[row, offset] = np.where(placed["stockout"].to_numpy(), np.nan, placed["units"].to_numpy())
    return units.astype(np.float32, copy=False)
