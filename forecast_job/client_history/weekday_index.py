"""What an item sells on each weekday, relative to the shop's own week: bread on Saturdays, stationery on Mondays.

Where nearly all items follow the shop, a single item's deviation is mostly noise; where they do not, it is most of what
is known of a day. So it is shrunk by its own uncertainty (empirical Bayes; Efron and Morris 1975, "Data analysis using
Stein's estimator and its generalizations"): with variance v of the estimate, tau^2 / (tau^2 + v) of it is kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.arrays import Floats, Floats32

WEEKDAYS = 7
_HALF_LIFE_DAYS = 300.0
# Variance of the true index between items: the demo's shop shows 0.012, synthetic shops whose items have weeks of
# their own up to 0.19. Between 0.02 and 0.05 the forecasts of neither change much.
_TAU_SQUARED = 0.03
_LIMITS = (0.1, 5.0)
_LEAST_PROFILE = 0.05


def weekday_index(units: Floats32, known: Floats32, weekday: NDArray[np.int64], profile: Floats) -> Floats:
    """Series x 7, Monday first: 1 where the item sells on that weekday what the shop's `profile` says.

    `units`, `known` (0 or 1): series x days, without single bulk orders and at one level; `weekday`: of each day;
    `profile`: what each weekday is of an average open day, 0 = closed. Weighted by the profile its mean is 1.
    """
    recency = 0.5 ** (np.arange(len(weekday))[::-1] / _HALF_LIFE_DAYS)
    by_weekday = (weekday[:, None] == np.arange(WEEKDAYS)) * recency[:, None]
    sold, days = (units @ by_weekday.astype(np.float32)).astype(np.float64), known @ by_weekday
    usual = sold.sum(axis=1) / np.maximum(days @ profile, 1e-9)
    # Within weekdays, so that a week of its own is no noise, and no less than that of counts.
    effective = known @ (by_weekday * recency[:, None])
    free = days - np.divide(effective, days, out=np.zeros_like(days), where=days > 0)
    within = (units * units) @ recency.astype(np.float32)
    within -= np.divide(sold**2, days, out=np.zeros_like(days), where=days > 0).sum(axis=1)
    variance = np.maximum(within / np.maximum(free.sum(axis=1), 1e-9), usual)
    expected = usual[:, None] * profile * days
    seen = expected > 0
    safe = np.where(seen, expected, 1.0)
    error = variance[:, None] * np.maximum(profile, _LEAST_PROFILE) * effective / safe**2
    index = np.where(seen, 1 + (sold / safe - 1) * _TAU_SQUARED / (_TAU_SQUARED + error), 1.0).clip(*_LIMITS)
    mean = (index * profile).sum(axis=1) / max(profile.sum(), 1e-9)
    result: Floats = index / np.where(mean > 0, mean, 1.0)[:, None]
    return result
