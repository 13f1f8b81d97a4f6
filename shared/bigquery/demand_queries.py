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


class SalesAroundCampaign(NamedTuple):
    """What an item sold around a campaign, and usually sells on each weekday; a revenue is null where none is known."""

    item_id: str
    units_before: Decimal
    revenue_before: Decimal | None
    units_during: Decimal
    revenue_during: Decimal | None
    priced_units_during: Decimal
    units_after: Decimal
    revenue_after: Decimal | None
    revenue_reference: Decimal | None
    priced_units_reference: Decimal
    is_in_reference: bool
    monday: float
    tuesday: float
    wednesday: float
    thursday: float
    friday: float
    saturday: float
    sunday: float


class DayBeforeCampaign(NamedTuple):
    """A day's sales of some items together, and what those that were out of stock usually sell on its weekday."""

    date_local: dt.date
    units: float
    missed: float


class EarlierDemand(NamedTuple):
    """The first day of demand before some day; null where there is none."""

    first_day: dt.date | None


class FutureRecords(NamedTuple):
    records: int


ITEM_HISTORY = RowQuery("item_history", HistoryDay)
SALES_AROUND_CAMPAIGN = RowQuery("sales_around_campaign", SalesAroundCampaign)
DAYS_BEFORE_CAMPAIGN = RowQuery("days_before_campaign", DayBeforeCampaign)
EARLIER_DEMAND = RowQuery("earlier_demand", EarlierDemand)
FUTURE_RECORDS = RowQuery("future_records", FutureRecords)
SALES_LINES = Query("sales_lines")
PAST_DEMAND = Query("past_demand")
# The forecast job reads a client in blocks of items.
JOB_ITEMS = Query("job_items")
DAILY_SELLERS = Query("daily_sellers")
DEMAND_RECORDS = Query("demand_records")
COVARIATE_RECORDS = Query("covariate_records")
MOST_ACTIVE_ITEMS = Query("most_active_items")
