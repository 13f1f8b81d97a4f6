"""Classes of an item: revenue (ABC), steadiness (XYZ), demand pattern (Syntetos-Boylan) and lifecycle.

All on weeks: the weekday rhythm of a shop is no property of an item, and a week is about how often items are reviewed.
Arrays are items x weeks, the oldest week first; NaN is a week without a known day.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from shared.arrays import Floats

Labels = NDArray[np.str_]

A_SHARE, B_SHARE = 0.80, 0.95
X_LIMIT, Y_LIMIT = 0.5, 1.0
ADI_LIMIT, CV2_LIMIT = 1.32, 0.49
YEAR_WEEKS = 52
SEASON_WEEKS = 13
DEAD_WEEKS = 26
_SEASON_SHARE = 2 / 3
_SEASON_MINIMUM_WEEKS = 4
_DECLINE = 0.5


class Pattern(StrEnum):
    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"
    NONE = "no_demand"


class Lifecycle(StrEnum):
    UNSOLD = "unsold"
    NEW = "new"
    DEAD = "dead"
    SEASONAL = "seasonal"
    DECLINING = "declining"
    ACTIVE = "active"


def abc(revenue: Floats) -> Labels:
    """Per item: "A" for those that bring the first 80 % of the revenue, largest first, "B" the next 15 %, "C" the rest.

    The item that crosses a border belongs to the better class, so there is always an A where anything was sold; equal
    revenues keep their order. Pareto analysis after Dickie (1951, "ABC inventory analysis shoots for dollars"); the
    80/15/5 split as in Silver, Pyke and Thomas (2017), section 2.7. Negative revenue counts as none.
    """
    positive = np.maximum(np.nan_to_num(revenue), 0.0)
    total = positive.sum()
    order = np.argsort(-positive, kind="stable")
    before = np.cumsum(positive[order]) - positive[order]
    share = before / total if total > 0 else np.ones(len(positive))
    ranked = np.select([positive[order] <= 0, share < A_SHARE, share < B_SHARE], ["C", "A", "B"], "C")
    labels = np.empty(len(positive), dtype="<U1")
    labels[order] = ranked
    return labels


def xyz(weekly: Floats) -> Labels:
    """Per item: "X" steady, "Y" varying, "Z" unpredictable, by the coefficient of variation of known weeks' demand.

    X up to 0.5, Y up to 1, Z above and where nothing sold (Scholz-Reiter et al. 2012, "Integration of demand
    forecasts in ABC-XYZ analysis", use the same borders).
    """
    known = ~np.isnan(weekly)
    count = np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, weekly, 0.0)
    mean = filled.sum(axis=1) / count
    deviation = np.sqrt((np.where(known, filled - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    # Rounded, so that an item on a border does not fall to either side by its unit of measure.
    variation = np.divide(deviation, mean, out=np.full(len(mean), np.inf), where=mean > 0).round(9)
    return np.select([variation <= X_LIMIT, variation <= Y_LIMIT], ["X", "Y"], "Z")


def intermittence(weekly: Floats) -> tuple[Floats, Floats]:
    """(ADI, CV2) per item; NaN where nothing sold.

    ADI: known weeks per week with a sale, >= 1. CV2: squared coefficient of variation of the demand of weeks with a
    sale (population variance), >= 0. Weeks before the first sale do not count: the item was not on sale yet.
    """
    sells = np.nan_to_num(weekly) > 0
    started = np.maximum.accumulate(sells, axis=1)
    known = ~np.isnan(weekly) & started
    weeks, sizes = sells.sum(axis=1), np.where(sells, weekly, 0.0)
    some = weeks > 0
    adi = np.divide(known.sum(axis=1), weeks, out=np.full(len(weekly), np.nan), where=some)
    mean = np.divide(sizes.sum(axis=1), weeks, out=np.full(len(weekly), np.nan), where=some)
    squares = np.where(sells, sizes - np.nan_to_num(mean)[:, None], 0.0) ** 2
    variance = np.divide(squares.sum(axis=1), weeks, out=np.full(len(weekly), np.nan), where=some)
    return adi, np.divide(variance, mean**2, out=np.full(len(weekly), np.nan), where=some)


def pattern(adi: Floats, cv2: Floats) -> Labels:
    """Per item: smooth, erratic, intermittent or lumpy; "no_demand" where ADI is NaN.

    Borders ADI 1.32 and CV2 0.49: Syntetos, Boylan and Croston (2005), "On the categorization of demand patterns". A
    value on the border belongs to the calmer class.
    """
    rare, wild = adi > ADI_LIMIT, cv2 > CV2_LIMIT
    return np.select(
        [np.isnan(adi), rare & wild, rare, wild],
        [Pattern.NONE.value, Pattern.LUMPY.value, Pattern.INTERMITTENT.value, Pattern.ERRATIC.value],
        Pattern.SMOOTH.value,
    )


def lifecycle(weekly: Floats) -> Labels:
    """Per item, the first that holds:

    - unsold: never sold in these weeks;
    - new: the first sale is less than 13 weeks back;
    - seasonal: see `seasonal`;
    - dead: no sale in 26 weeks;
    - declining: the last 13 weeks sold less than half of what 13 weeks sold in the year before them, on average;
    - active.
    """
    units = np.nan_to_num(weekly)
    weeks = units.shape[1]
    if not weeks:
        return np.full(len(units), Lifecycle.UNSOLD.value)
    sells = units > 0
    age = np.where(sells.any(axis=1), weeks - sells.argmax(axis=1), 0)
    recent = units[:, -SEASON_WEEKS:].sum(axis=1)
    earlier = units[:, -(SEASON_WEEKS + YEAR_WEEKS) : -SEASON_WEEKS].sum(axis=1)
    earlier_weeks = np.clip(age - SEASON_WEEKS, 1, YEAR_WEEKS)
    usual = earlier / earlier_weeks * SEASON_WEEKS
    return np.select(
        [
            ~sells.any(axis=1),
            age < SEASON_WEEKS,
            seasonal(weekly),
            ~sells[:, -DEAD_WEEKS:].any(axis=1),
            recent < _DECLINE * usual,
        ],
        [
            Lifecycle.UNSOLD.value,
            Lifecycle.NEW.value,
            Lifecycle.SEASONAL.value,
            Lifecycle.DEAD.value,
            Lifecycle.DECLINING.value,
        ],
        Lifecycle.ACTIVE.value,
    )


def seasonal(weekly: Floats) -> NDArray[np.bool_]:
    """Per item: do two thirds of the last 52 weeks' units fall into some 13 weeks in a row, and those of the known part
    of the year before into the same 13?

    Without the second year a season cannot be told from a short life, so it takes more than 52 + 13 known weeks, with a
    sale in at least 4 different ones of each year.
    """
    units = np.nan_to_num(weekly)
    if units.shape[1] < YEAR_WEEKS + SEASON_WEEKS:
        return np.zeros(len(units), dtype=np.bool_)
    last = units[:, -YEAR_WEEKS:]
    before = units[:, -2 * YEAR_WEEKS : -YEAR_WEEKS]
    missing = YEAR_WEEKS - before.shape[1]
    before = np.pad(before, ((0, 0), (missing, 0)))
    around = np.concatenate([last, last[:, : SEASON_WEEKS - 1]], axis=1)
    sums = np.cumsum(np.pad(around, ((0, 0), (1, 0))), axis=1)
    in_season = sums[:, SEASON_WEEKS:] - sums[:, :-SEASON_WEEKS]
    start = in_season.argmax(axis=1)
    inside = (np.arange(YEAR_WEEKS)[None, :] - start[:, None]) % YEAR_WEEKS < SEASON_WEEKS
    result = np.ones(len(units), dtype=np.bool_)
    for year in (last, before):
        enough = (year > 0).sum(axis=1) >= _SEASON_MINIMUM_WEEKS
        result &= enough & ((year * inside).sum(axis=1) >= _SEASON_SHARE * year.sum(axis=1))
    return result
