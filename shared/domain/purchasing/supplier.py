"""A supplier: whom the client buys from."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

MAX_SUPPLIER_ID_LENGTH = 200
MAX_LEAD_TIME_DAYS = 730  # two years: more is a slip of the keyboard
MAX_ORDER_VALUE = 1_000_000_000
# Means the same to Python and to polars.
EMAIL = r"^[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+$"


@dataclass(frozen=True)
class Supplier:
    """A supplier as the client maintains it, or as its own system does (`is_synced`: we never change that one).

    `lead_time_days` is what a new condition starts with; `minimum_order_value` has 2 decimals, None: no minimum.
    """

    supplier_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    contact_name: str | None = None
    payment_terms: str | None = None
    lead_time_days: int | None = None
    minimum_order_value: Decimal | None = None
    note: str | None = None
    is_synced: bool = False
    created_at: dt.datetime | None = None


def is_email(text: str) -> bool:
    """Whether the text has the form of an email address; only a message to it shows whether it is one."""
    return re.fullmatch(EMAIL, text) is not None
