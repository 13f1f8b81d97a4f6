"""What figures are computed from; apart from the metrics, which need numpy: whoever only reads rows does not."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """What a figure was computed from."""

    FORECAST = "forecast"
    RECENT_SALES = "recent_sales"  # the last 28 days on which the item could be sold
    NONE = "none"
