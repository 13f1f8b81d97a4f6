"""The dashboard's figures of a week and of four weeks before, from the metrics that were kept of those days.

They are what the last refresh of such a day computed, under the settings and from the forecast of then: what changed
since changes nothing about them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from shared.bigquery.analytics_queries import EARLIER_METRICS
from shared.bigquery.tables import ALL_LOCATIONS
from shared.catalog.headline import EarlierHeadlines, PastHeadlines
from shared.catalog.schema import ROW_SCHEMA
from shared.catalog.summary import headlines_by_location

if TYPE_CHECKING:
    from shared.bigquery.warehouse import Warehouse

_WEEK, _FOUR_WEEKS = dt.timedelta(7), dt.timedelta(28)
# A day without a refresh is stood in for by one of those before it.
_SLACK = dt.timedelta(3)
# The pointer is one document, which every instance reads: with more locations it keeps the whole alone.
MOST_LOCATIONS = 200


def earlier_headlines(warehouse: Warehouse, as_of: dt.date) -> EarlierHeadlines:
    """The figures of these days, by location; one query."""
    week, four_weeks = as_of - _WEEK, as_of - _FOUR_WEEKS
    found = warehouse.arrow(
        EARLIER_METRICS,
        four_weeks_first=four_weeks - _SLACK,
        four_weeks_last=four_weeks,
        week_first=week - _SLACK,
        week_last=week,
    )
    rows = _as_catalog_rows(pl.DataFrame(pl.from_arrow(found)))
    return EarlierHeadlines(
        week_before=_headlines(rows.filter(pl.col("date") > four_weeks)),
        four_weeks_before=_headlines(rows.filter(pl.col("date") <= four_weeks)),
    )


def _as_catalog_rows(metrics: pl.DataFrame) -> pl.DataFrame:
    """With the catalog's types; the cost of a unit is the one that valued the stock."""
    place = pl.when(pl.col("location_id") != ALL_LOCATIONS).then("location_id")
    return metrics.with_columns(
        pl.col(name).cast(ROW_SCHEMA[name]) for name in metrics.columns if name in ROW_SCHEMA
    ).with_columns(location_id=place, supplier_cost=pl.lit(None, ROW_SCHEMA["supplier_cost"]))


def _headlines(rows: pl.DataFrame) -> PastHeadlines | None:
    by_location = headlines_by_location(rows)
    whole = by_location.pop(None, None)
    if whole is None:
        return None
    places = {place: figures for place, figures in by_location.items() if place is not None}
    return PastHeadlines(rows["date"][0], whole, places if len(places) <= MOST_LOCATIONS else {})
