"""The dashboard's figures as values: those of now, and those of days before as the pointer keeps them."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True)
class HeadlineMetrics:
    """Counts, days of inventory, and values with 2 decimals."""

    total_skus: int
    total_inventory_value: Decimal
    understocked_count: int
    overstocked_count: int
    dead_stock_count: int
    out_of_stock_count: int
    average_dir: float | None
    median_dir: float | None
    understocked_value: Decimal
    overstocked_value: Decimal
    dead_stock_value: Decimal
    sales_at_risk: Decimal | None  # None: of a day of which it was not kept, as the next
    excess_value: Decimal | None


@dataclass(frozen=True)
class PastHeadlines:
    """The figures of a day, as its last refresh computed them. A location that is not in `places` is not known."""

    date: dt.date
    whole: HeadlineMetrics
    places: Mapping[str, HeadlineMetrics] = field(default_factory=dict)

    def of(self, location_id: str | None) -> HeadlineMetrics | None:
        """Those of a location, or of all locations together."""
        return self.whole if location_id is None else self.places.get(location_id)


@dataclass(frozen=True)
class EarlierHeadlines:
    """What the dashboard compares today with; None: nothing is known of that time."""

    week_before: PastHeadlines | None = None
    four_weeks_before: PastHeadlines | None = None

    def encode(self) -> bytes:
        return zlib.compress(_adapter().dump_json(self))

    @classmethod
    def decode(cls, data: bytes) -> EarlierHeadlines:
        return _adapter().validate_json(zlib.decompress(data)) if data else cls()


@cache
def _adapter() -> TypeAdapter[EarlierHeadlines]:
    """Made when first needed: only the dashboard and the refresh do."""
    from pydantic import TypeAdapter

    return TypeAdapter(EarlierHeadlines)
