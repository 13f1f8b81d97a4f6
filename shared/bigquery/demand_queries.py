"""Queries of what was sold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from shared.bigquery.query import Query, RowQuery


class HistoryDay(NamedTuple):
    """A day's sales of an item, and what is known of the day; null where no record has any of it."""

    date_local: dt.date
    units_sold: Decimal
    revenue: Decimal | None
    promotion_flag: bool | None
    holiday_flag: bool | None
    marketing_spend: Decimal | None
    stock_on_date: Decimal | None


class DayOfSales(NamedTuple):
    """A day's sales of some items together; `revenue` is null where no record has any."""

    date_local: dt.date
    units: Decimal
    revenue: Decimal | None


class WeekdaySales(NamedTuple):
    """What some items usually sell together on a weekday (1: Sunday), and how many of them have a record."""

    weekday: int
    units: float
    known_items: int


class EarlierDemand(NamedTuple):
    """The first day of demand before some day; null where there is none."""

    first_day: dt.date | None


class FutureRecords(NamedTuple):
    records: int


ITEM_HISTORY = RowQuery("item_history", HistoryDay)
SALES_OF_ITEMS = RowQuery("sales_of_items", DayOfSales)
SAME_WEEKDAYS = RowQuery("same_weekdays", WeekdaySales)
EARLIER_DEMAND = RowQuery("earlier_demand", EarlierDemand)
FUTURE_RECORDS = RowQuery("future_records", FutureRecords)
PAST_DEMAND = Query("past_demand")
# The forecast job reads a client in blocks of items.
JOB_ITEMS = Query("job_items")
DAILY_SELLERS = Query("daily_sellers")
DEMAND_RECORDS = Query("demand_records")
COVARIATE_RECORDS = Query("covariate_records")
MOST_ACTIVE_ITEMS = Query("most_active_items")
