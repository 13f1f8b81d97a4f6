"""What an item is expected to sell in a window, what its error is measured in, and with which others it is compared.

An item that sold within the last month goes on about as it did: its error is what it sells more or less than expected.
One that has not sold for longer wakes or does not, and how much it once sold says little of that: nothing is expected
of it but what others sold after as long a sleep, in units of their usual sale.
"""

from __future__ import annotations

import numpy as np

from forecast_job.client_history.level import BLOCK_DAYS, Expected
from forecast_job.client_history.weekday_index import WEEKDAYS
from shared.arrays import Bools, Floats, Ints

# Kinds of items, each with errors of its own. From IDLE on there are three for each age of the sleep: while there was
# no last year yet, and then for items that did not and that did sell in last year's coming season.
AWAKE, YOUNG, NEW, IDLE = range(4)
IDLE_SEASONS = 3
IDLE_FROM_DAYS = (31, 61, 91, 181, 271)
_ASLEEP_AGE = 3
ASLEEP = IDLE + IDLE_SEASONS * _ASLEEP_AGE  # the kinds from here on have not sold for half a year
# Known for less: new items, whose level and activity are those of a few days, and young ones, which often sell best
# at first. What was there when the history began is neither.
_NEW_DAYS, _YOUNG_DAYS = 60, 182

_LEVEL_UNCERTAINTY = 0.1  # squared relative error of the level itself
_UNIT_VARIANCE = 1.0
_LEVEL_RATIO_LIMITS = (0.2, 5.0)


def kinds(expected: Expected) -> Ints:
    """The kind of each series."""
    age = _age(expected)
    season = 1 + expected.in_season if expected.season_known else np.zeros(len(age), dtype=np.int64)
    known = expected.known_days
    awake = np.where(known < _NEW_DAYS, NEW, np.where(known < _YOUNG_DAYS, YOUNG, AWAKE))
    return np.where(age >= 0, IDLE + IDLE_SEASONS * age + season, awake).astype(np.int64)


def centre_and_scale(expected: Expected, window: int, idle: Bools) -> tuple[Floats, Floats]:
    """Per series: the total from which the error over the first `window` days counts, and its scale (0: nothing can be
    sold). `idle`: which series are measured as those of the kinds from IDLE on."""
    total, scale = total_and_scale(expected, window)
    open_days = float(expected.calendar[:window].sum()) / window / max(_open_weekdays(expected), 1) * WEEKDAYS
    # Of items that wake after half a year, what sold many at a time sells fewer.
    sale = np.where(_age(expected) >= _ASLEEP_AGE, np.sqrt(expected.sale_units), expected.sale_units)
    return np.where(idle, 0.0, total), np.where(idle, (total > 0) * sale * open_days, scale)


def position(expected: Expected) -> Floats:
    """Where each series stands among those of its kind, as a logarithm: awake by its activity, asleep by what is left
    of its level: the more an item sold that then stopped, the less likely it wakes."""
    activity = np.log(expected.activity + 0.01)
    level = np.log(expected.rates[:, 0].astype(np.float64) + 1e-4) if expected.rates.shape[1] else activity
    result: Floats = np.where(_age(expected) >= 0, level, activity)
    return result


def total_and_scale(expected: Expected, window: int) -> tuple[Floats, Floats]:
    """Per series: the expected total over the first `window` days, and the scale of its error (0: nothing expected).

    Scale^2 = days x variance of a day, which grows with the level, + the uncertainty of the level itself + 1.
    """
    calendar = expected.calendar[:window]
    by_weekday = np.zeros((WEEKDAYS, -(-window // BLOCK_DAYS)))
    np.add.at(by_weekday, (expected.weekday[:window], np.arange(window) // BLOCK_DAYS), calendar)
    blocks = expected.weekday_index @ by_weekday  # series x blocks: average open days
    total = (expected.rates[:, : blocks.shape[1]] * blocks).sum(axis=1)
    open_days = float((calendar > 0).sum())
    usual = expected.typical_rate * open_days
    ratio = np.divide(total, usual, out=np.ones_like(total), where=usual > 0).clip(*_LEVEL_RATIO_LIMITS)
    variance = expected.variance * ratio * open_days + _LEVEL_UNCERTAINTY * total**2 + _UNIT_VARIANCE
    return total, np.where(total > 0, np.sqrt(variance), 0.0)


def _open_weekdays(expected: Expected) -> int:
    """How many days a week the client sells on: one, where there is one record a week."""
    return len(np.unique(expected.weekday[expected.calendar > 0]))


def _age(expected: Expected) -> Ints:
    """How long each series has slept, as a place in IDLE_FROM_DAYS; -1 while it is awake."""
    return np.searchsorted(IDLE_FROM_DAYS, expected.idle_days, side="right").astype(np.int64) - 1
