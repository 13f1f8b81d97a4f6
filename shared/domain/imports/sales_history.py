"""Daily sales records of one import: the window they cover, and what the report says of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import pairwise

import polars as pl

from shared.domain.dates import DateRange
from shared.domain.errors import Invalid

MINIMUM_HISTORY_DAYS = 21
MAXIMUM_WINDOW_DAYS = 731  # two years, one of them a leap year
KEY = ("item_id", "location_id", "date_local")

_OUTLIER_MINIMUM_DAYS = 10
_OUTLIER_DEVIATIONS = 6.0
# Most shops sell 1 or 2 of an item on most days: a spread of zero would flag every 3.
_OUTLIER_MINIMUM_SPREAD = 0.5
_MAD_TO_SIGMA = 1.4826  # Rousseeuw and Croux 1993: makes the median absolute deviation a standard deviation
_GAP_DAYS = 7


class WindowTooLong(Invalid):
    """The file spans more days than one run takes."""

    code = "window_too_long"


def check_length(window: DateRange) -> None:
    """Raises Invalid when the window is longer than one run may be."""
    if window.days > MAXIMUM_WINDOW_DAYS:
        raise WindowTooLong(
            f"the file spans {window.days} days, {window.first} to {window.last}; one run takes at most two years "
            f"({MAXIMUM_WINDOW_DAYS} days): split it"
        )


def gaps(window: DateRange, days_with_sales: Collection[dt.date]) -> list[DateRange]:
    """The stretches of at least a week inside the window on which nothing at all was sold, in order."""
    bounds = sorted(set(days_with_sales) | {window.first, window.last})
    return [
        DateRange(before + dt.timedelta(days=1), after - dt.timedelta(days=1))
        for before, after in pairwise(bounds)
        if (after - before).days > _GAP_DAYS
    ]


def outliers(daily: pl.DataFrame) -> pl.DataFrame:
    """The days on which an item sold far more than on its other selling days there: flagged, and kept.

    On the logarithm of the units, because demand is skewed: more than 6 robust standard deviations above the item's
    median. Items with fewer than 10 selling days have no "usual". Returns item_id, location_id, date_local, units_sold
    and usual_units (the median).
    """
    size, series = pl.col("size"), ["item_id", "location_id"]
    selling = daily.filter(pl.col("units_sold") > 0).with_columns(size=pl.col("units_sold").cast(pl.Float64).log1p())
    centred = selling.with_columns(centre=size.median().over(series), days=pl.len().over(series))
    deviation = (size - pl.col("centre")).abs().median().over(series) * _MAD_TO_SIGMA
    spread = pl.max_horizontal(deviation, _OUTLIER_MINIMUM_SPREAD)
    far = (pl.col("days") >= _OUTLIER_MINIMUM_DAYS) & (size - pl.col("centre") > _OUTLIER_DEVIATIONS * spread)
    return centred.filter(far).select(*KEY, "units_sold", (pl.col("centre").exp() - 1).round(1).alias("usual_units"))


def with_calendar(daily: pl.DataFrame) -> pl.DataFrame:
    """Adds `is_weekend`: Saturday or Sunday."""
    return daily.with_columns(is_weekend=pl.col("date_local").dt.weekday() >= 6)
