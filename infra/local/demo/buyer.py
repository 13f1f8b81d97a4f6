"""The plain policy of the demo's buyer: reviewed once a week, ordered up to some weeks more than the delivery takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from shared.arrays import Floats, Ints

WEEK = 7
_WEEKS_LOOKED_AT = 13
_LEAST_WEEKS_WITH_A_SALE = 4  # in them, or the item is let run out
_BULK = 2.0  # a week counts with at most so many times the fourth highest: a hotel's order is no habit
# Who has kept this shop for years knows that autumn sells more, and that nothing sells after Christmas.
_HABIT_OF_MONTH = {8: 1.1, 9: 1.25, 10: 1.35, 11: 1.1, 12: 0.7, 1: 0.8}


@dataclass(frozen=True)
class Terms:
    """How each item is bought: whole units and days; `supplier` is the number of its supplier."""

    supplier: Ints
    lead_time_days: Ints
    moq: Ints
    packaging_qty: Ints

    def lots(self, units: Ints) -> Ints:
        """At least the MOQ, in whole packs; 0 where nothing is needed."""
        packs = -(-np.maximum(units, self.moq) // self.packaging_qty)
        return np.where(units > 0, packs * self.packaging_qty, 0)


@dataclass(frozen=True)
class Habit:
    """What is kept on top of what is expected until a delivery: `buffer_days` of it, and `spread` times its deviation;
    `cover_days` more are ordered."""

    buffer_days: int
    spread: float
    cover_days: int


def expected_week(recent: Floats, days_known: Ints, review: dt.date) -> tuple[Floats, Floats]:
    """Units that the buyer expects a week to sell of each item, and their deviation; 0 for what is let run out.

    `recent`: items x 13, units of each of the last weeks; `days_known`: since the first sale, negative before it.
    """
    weeks = np.clip(days_known / WEEK, _LEAST_WEEKS_WITH_A_SALE, _WEEKS_LOOKED_AT)
    fourth = np.sort(recent, axis=1)[:, -_LEAST_WEEKS_WITH_A_SALE]
    usual = np.minimum(recent, _BULK * fourth[:, None])
    mean = usual.sum(axis=1) / weeks
    deviation = np.sqrt(np.maximum((usual**2).sum(axis=1) / weeks - mean**2, 0))
    return mean * _HABIT_OF_MONTH.get(review.month, 1.0), deviation


def ordered(expected: Floats, deviation: Floats, position: Ints, terms: Terms, habit: Habit) -> Ints:
    """What the buyer orders of each item without any advice."""
    weeks = (terms.lead_time_days + WEEK + habit.buffer_days) / WEEK
    least = expected * weeks + habit.spread * deviation * np.sqrt(weeks)
    return _up_to(least, expected, position, terms, habit)


def ordered_by_advice(advice: Ints, expected: Floats, position: Ints, terms: Terms, habit: Habit) -> Ints:
    """What the buyer orders where the product suggests to order up to `advice`: some days more, not to be back soon."""
    return _up_to(advice.astype(np.float64), expected, position, terms, habit)


def _up_to(least: Floats, expected: Floats, position: Ints, terms: Terms, habit: Habit) -> Ints:
    missing = np.ceil(least + expected * habit.cover_days / WEEK - position).astype(np.int64)
    return terms.lots(np.where(position < least, missing, 0))
