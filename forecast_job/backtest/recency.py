"""A forecast scored by how long ago each item last sold: good figures of what sells hide bad ones of what sleeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job import scores
from forecast_job.scores import Array
from shared.arrays import Ints
from shared.domain.recency import RECENCY_GROUPS

NEVER = -1  # sold before the origin: in no group, as there is no forecast of it


@dataclass(frozen=True)
class RecencyScores:
    """Of the items of one group at all origins: how many, the units that they `sold` over the horizon and were
    `expected` to, and the coverage of their totals over the lead time, by level."""

    items: int
    sold: float
    expected: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class OriginTotals:
    """Of all items at one origin: days since the last sale, or NEVER; units `sold` and `expected` over the horizon;
    `units` over the lead time (NaN where a day is not known) and their `quantiles` (items x levels)."""

    idle_days: Ints
    sold: Array
    expected: Array
    units: Array
    quantiles: Array


def by_recency(origins: Sequence[OriginTotals], levels: Sequence[float]) -> dict[str, RecencyScores]:
    """The scores of each group."""
    idle = np.concatenate([origin.idle_days for origin in origins])
    sold, expected, units, quantiles = (
        np.concatenate([getattr(origin, name) for origin in origins])
        for name in ("sold", "expected", "units", "quantiles")
    )
    ends = [last for last in RECENCY_GROUPS.values() if last is not None]
    group = np.where(idle == NEVER, NEVER, np.searchsorted(ends, idle))
    result = {}
    for index, name in enumerate(RECENCY_GROUPS):
        chosen = group == index
        result[name] = RecencyScores(
            int(chosen.sum()),
            float(sold[chosen].sum()),
            float(expected[chosen].sum()),
            scores.coverage(units[chosen], quantiles[chosen], levels),
        )
    return result
