"""Which purchase orders a list is narrowed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.purchasing.order_status import OrderStatus


@dataclass(frozen=True)
class OrderFilter:
    """Dates are order dates, both ends included. What is None does not matter; no status: every one."""

    statuses: Sequence[OrderStatus] = ()
    supplier_id: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
