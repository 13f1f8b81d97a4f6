"""An item's own past: what it sold in each window of the last year that is as long as the one to be covered now."""

from __future__ import annotations

import numpy as np

from forecast_job.client_history.season_and_open_days import YEAR_DAYS
from forecast_job.totals.calibration import KNOWN_SHARE
from shared.arrays import Floats, Floats32, Ints
from shared.domain.planning.service_level import OwnTotals

_MOST_GROWTH = 2.0  # of past totals on the way to today's level: one good month is no reason to stock for ten


def own_totals(units: Floats32, days: Ints, expected: Floats) -> OwnTotals:
    """Totals of the windows of `days` days (one number an item) that end in the last year, one ending on each day.

    `units`: items x days up to now, NaN unknown; what is unknown in a window counts like the rest of it. Totals are
    brought to today's level: their mean becomes `expected`, what the item is expected to sell in the window to come.
    """
    recent = units[:, -YEAR_DAYS:]
    length = recent.shape[1]
    known = ~np.isnan(recent)
    sold = _summed(np.where(known, recent, 0).astype(np.float64))
    seen = _summed(known.astype(np.float64))
    ends = np.arange(1, length + 1)[None, :]
    begin = np.maximum(ends - days[:, None], 0)
    row = np.arange(len(units))[:, None]
    share = (seen[row, ends] - seen[row, begin]) / days[:, None]
    usable = (ends >= days[:, None]) & (share >= KNOWN_SHARE)
    totals = np.where(usable, (sold[row, ends] - sold[row, begin]) / np.where(usable, share, 1), np.nan)
    count = usable.sum(axis=1)
    mean = np.where(usable, totals, 0).sum(axis=1) / np.maximum(count, 1)
    growth = np.minimum(np.divide(expected, mean, out=np.ones(len(units)), where=mean > 0), _MOST_GROWTH)
    return OwnTotals(totals * growth[:, None], np.where(count > 0, (count - 1) / days + 1, 0.0))


def _summed(daily: Floats) -> Floats:
    """The sum of the days before each."""
    return np.pad(np.cumsum(daily, axis=1), ((0, 0), (1, 0)))
