"""Which covariates a series is sent with: those that tell something which its demand does not.

Each costs as much as another series, and the calendar, which is the same for all of them, made a run 2.8 times as long
(docs/experiments/forecast-speed-and-cost.md). Weekdays and closed days are in the history itself: a week shows, closed
days are missing in it and forecast as 0. So, unless told otherwise (STOCKCAST_CHRONOS_COVARIATES):

- what is known of days ahead (promotions, holidays, marketing spend, price) goes with a series in whose history it
  varies, and the calendar with it, so that an event is told from a weekday;
- an item's own promotions and marketing spend go with it where they vary, known ahead or not: they explain peaks;
- prices and holidays of which nothing is known ahead, and the calendar alone, do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

CovariateChoice = Literal["events", "all", "none"]
CHOICES: tuple[CovariateChoice, ...] = get_args(CovariateChoice)
CHOICE_VARIABLE = "STOCKCAST_CHRONOS_COVARIATES"

_OWN_EVENTS = ("promotion_flag", "marketing_spend")
Flags = NDArray[np.bool_]


def chosen(choice: CovariateChoice, calendar: Flags, names: Sequence[str], varies: Flags, known_ahead: Flags) -> Flags:
    """Which covariates each series is sent with: series x (those of the calendar, then `names`).

    `calendar`: series x covariates of the calendar, whether each varies in the history; `varies` and `known_ahead`:
    series x names, whether it varies there, and whether anything of it is known of the days ahead. `all`: whatever
    varies; a constant tells nothing.
    """
    if choice == "none":
        return np.zeros((len(varies), calendar.shape[1] + len(names)), dtype=np.bool_)
    if choice == "all":
        return np.concatenate([calendar, varies], axis=1)
    expected = varies & known_ahead
    own = np.array([name in _OWN_EVENTS for name in names], dtype=np.bool_)
    return np.concatenate([calendar & expected.any(axis=1, keepdims=True), expected | (varies & own)], axis=1)
