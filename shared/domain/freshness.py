"""How old a client's figures are: what the pages "no sales" and "old forecast" go by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Freshness:
    """Whole days, None where there is nothing yet. Sales of yesterday have the age 1, a forecast of tonight 0."""

    data_age_days: int | None
    forecast_age_days: int | None


def freshness(today: dt.date, last_sale: dt.date | None, forecast_run_date: dt.date | None) -> Freshness:
    """Of lists whose newest sale is of that day, and whose forecast begins with that day; never below zero."""
    return Freshness(_age(today, last_sale), _age(today, forecast_run_date))


def _age(today: dt.date, day: dt.date | None) -> int | None:
    return None if day is None else max((today - day).days, 0)
