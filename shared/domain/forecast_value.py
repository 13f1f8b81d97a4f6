"""What a forecast is worth in money: the stock that it saves against another one, both serving as much of the demand.

Stock is held for a window of days as planners do it without a distribution: what is forecast, and on top of that a
factor times what the item's demand varies by, one factor for all items. The factor that serves a share of all units
(the pooled fill rate) is found for either forecast on its own: a better forecast needs a smaller one. The factor and
the spread are the same rule for both, so two equal forecasts are worth the same, and what is left is the forecast's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

WINDOW_DAYS = 28


class NoForecastValue(StrEnum):
    """Why a forecast's value in money is not known."""

    NO_WINDOW = "no_window"  # none of 28 days is over of which every day is known
    NO_COST = "no_cost"  # no item's cost is known
    NO_NAIVE_FORECAST = "no_naive_forecast"
    NOTHING_SOLD = "nothing_sold"
    OUT_OF_REACH = "out_of_reach"  # no factor of those looked at gives this fill rate, with either forecast


@dataclass(frozen=True)
class StockPoint:
    """What the stock of one factor is worth, and how many units of the demand it serves."""

    filled: float
    value: float


def stock_for(curve: Sequence[StockPoint], filled: float) -> float | None:
    """The worth of the stock that serves so many units; None where no point of the curve does, or all serve more.

    `curve` is by rising factor, so that neither figure falls; between two points both are taken as straight lines.
    """
    if curve and curve[0].filled == filled:
        return curve[0].value
    for before, after in pairwise(curve):
        if before.filled < filled <= after.filled:
            share = (filled - before.filled) / (after.filled - before.filled)
            return before.value + share * (after.value - before.value)
    return None
