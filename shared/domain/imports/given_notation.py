"""How a source is said to write numbers and dates. Without polars: the front door of imports takes it from the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DecimalMark = Literal[".", ","]
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")
DateOrder = Literal["YMD", "DMY", "MDY"]
DATE_ORDERS: tuple[DateOrder, ...] = ("YMD", "DMY", "MDY")


@dataclass(frozen=True)
class GivenNotation:
    """What the caller says; None: it is found."""

    decimal_mark: DecimalMark | None = None
    date_order: DateOrder | None = None


FOUND = GivenNotation()
