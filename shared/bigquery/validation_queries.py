"""Queries of what is odd about a client's sales."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from shared.bigquery.query import RowQuery


class Finding(NamedTuple):
    """One of at most five examples of what a check has found, beside how many it has found in all."""

    code: str
    findings: int
    example: str


class SalesWeek(NamedTuple):
    """The sales of a week that ended `week` weeks before the last one: `sales` are items' days at a location with a
    sale, `items` those that sold."""

    week: int
    units: float
    sales: int
    items: int
    last_sale: dt.date | None
    days_with_stock: int


VALIDATION_FINDINGS = RowQuery("validation_findings", Finding)
VALIDATION_WEEKS = RowQuery("validation_weeks", SalesWeek)
