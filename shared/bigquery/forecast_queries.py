"""Queries of what a forecast run published. `location_id` '*' is the item as a whole, all locations together."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from shared.bigquery.query import Query, RowQuery


class ForecastDay(NamedTuple):
    """A day's expected demand and its quantiles, in units."""

    date_local: dt.date
    mean: float
    q05: float
    q10: float
    q20: float
    q30: float
    q40: float
    q50: float
    q60: float
    q70: float
    q80: float
    q90: float
    q95: float
    engine: str


class WindowTotal(NamedTuple):
    """Demand of the first `window_days` days together, and its quantiles, in units."""

    window_days: int
    mean: float
    q01: float
    q05: float
    q10: float
    q20: float
    q30: float
    q40: float
    q50: float
    q60: float
    q70: float
    q80: float
    q90: float
    q95: float
    q98: float
    q99: float


class ExpectedUnits(NamedTuple):
    """What a run expects of an item over `days` days, and of that until the end of a campaign."""

    item_id: str
    units: float
    days: int
    units_until_end: float


ITEM_FORECAST = RowQuery("item_forecast", ForecastDay)
ITEM_TOTALS = RowQuery("item_totals", WindowTotal)
EXPECTED_OF_ITEMS = RowQuery("expected_of_items", ExpectedUnits)
FORECAST_CURVES = Query("forecast_curves")
CLASSES = Query("classes")
