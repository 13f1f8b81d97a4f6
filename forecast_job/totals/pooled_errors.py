"""Errors of past totals pooled into distributions: one for each kind of item and, within it, for similar activity.

What a kind has seen too little of, it borrows: its errors are mixed with those of a kind that is like it, which count
as `_BORROWED` windows of its own. An error larger than any that three series have made is no law but a single order, or
a mistyped one: it counts as that of the third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from forecast_job.totals.expected_total import AWAKE, IDLE, IDLE_FROM_DAYS, IDLE_SEASONS, NEW
from shared.arrays import Bools, Floats, Ints

LEAST_ERRORS = 200
_GROUPS = 8
_BUSIEST_SHARE = 0.04  # of the errors are in the group of the most active items, twelve times that in the least active
_MEAN_POINTS = 64
_WITNESSES = 3
_BORROWED = 100.0
_ENOUGH = 30.0  # times what would be borrowed: with so many windows of its own a kind borrows nothing
_MOST_LENT = 20_000  # errors: more of them say the same again
_IDLE_GROUPS = 4


@dataclass(frozen=True)
class Errors:
    """Standardised errors of one window length, with the kind, the activity and the number of their series, and the
    weight of their origin."""

    error: Floats
    kind: Ints
    activity: Floats
    series: Ints
    weight: Floats

    @classmethod
    def joined(cls, parts: Sequence[Errors]) -> Errors:
        """All of them, in order."""
        return cls(
            np.concatenate([part.error for part in parts]),
            np.concatenate([part.kind for part in parts]),
            np.concatenate([part.activity for part in parts]),
            np.concatenate([part.series for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )

    def by_kind(self) -> Errors:
        """All of them, ordered by kind."""
        return self[np.argsort(self.kind, kind="stable")]

    def of(self, first: int, kinds: int = 1) -> Errors:
        """The errors of the kinds from `first` on, of errors ordered by kind."""
        start, end = np.searchsorted(self.kind, (first, first + kinds))
        return self[slice(int(start), int(end))]

    def __getitem__(self, chosen: Bools | Ints | slice) -> Errors:
        return Errors(
            self.error[chosen], self.kind[chosen], self.activity[chosen], self.series[chosen], self.weight[chosen]
        )


@dataclass(frozen=True)
class Pooled:
    """Errors of one window length by group, ordered by `kind` and within it by `activity` (the group's mean log):
    error `quantiles` (groups x levels); equally likely error `points` (groups x points), which keep the mean that
    quantiles lose."""

    kind: Ints
    activity: Floats
    quantiles: Floats
    points: Floats

    def of(self, kind: int) -> Pooled:
        """The groups of one of its kinds."""
        chosen = self.kind == kind
        return Pooled(self.kind[chosen], self.activity[chosen], self.quantiles[chosen], self.points[chosen])

    def at(self, activity: Floats) -> tuple[Floats, Floats]:
        """Quantiles and points of series of that activity, interpolated between the groups, which are of one kind."""
        position = log_activity(activity)
        return _between(position, self.activity, self.quantiles), _between(position, self.activity, self.points)


def pool(errors: Errors, levels: Sequence[float], overlap: float) -> Pooled:
    """The errors by kind and activity. `overlap`: how many errors of a series share a day, as their origins are nearer
    to each other than the window is long."""
    samples: list[tuple[int, Errors, Errors]] = []
    errors = errors.by_kind()
    awake, new = errors.of(AWAKE), errors.of(NEW)
    samples += [(AWAKE, awake, awake), (NEW, new, _mixed(new, awake, overlap))]
    lender = errors[:0]  # of a shorter sleep
    for age in range(len(IDLE_FROM_DAYS)):
        first = IDLE + IDLE_SEASONS * age
        own = errors.of(first, IDLE_SEASONS)
        lender = _mixed(own, lender, overlap)
        samples.append((first, own, lender))
        for kind in range(first + 1, first + IDLE_SEASONS):
            samples.append((kind, errors.of(kind), _mixed(errors.of(kind), lender, overlap)))
    tables = [
        _by_activity(kind, mixed, own.activity, levels)
        for kind, own, mixed in samples
        if len(mixed.error) >= LEAST_ERRORS
    ]
    if len(awake.error) < LEAST_ERRORS:
        tables.insert(0, normal_errors(levels))
    return Pooled(
        np.concatenate([table.kind for table in tables]),
        *(np.concatenate([getattr(table, name) for table in tables]) for name in ("activity", "quantiles", "points")),
    )


def normal_errors(levels: Sequence[float]) -> Pooled:
    """Where nothing is known of past errors."""
    normal = NormalDist()
    points = np.array([[normal.inv_cdf((index + 0.5) / _MEAN_POINTS) for index in range(_MEAN_POINTS)]])
    quantiles = np.array([[normal.inv_cdf(level) for level in levels]])
    return Pooled(np.array([AWAKE]), np.zeros(1), quantiles, points)


def log_activity(activity: Floats) -> Floats:
    """Where a series stands between the groups."""
    result: Floats = np.log(activity + 0.01)
    return result


def _mixed(own: Errors, lender: Errors, overlap: float) -> Errors:
    """A kind's own errors, weighing as many as they are independent windows, and `_BORROWED` windows of its lender."""
    if not len(own.error):
        return lender
    windows = float(own.weight.sum() ** 2 / (own.weight**2).sum()) / overlap
    mine = replace(own, weight=own.weight * (windows / own.weight.sum()))
    if not len(lender.error) or windows > _ENOUGH * _BORROWED:
        return mine
    lent = lender[:: len(lender.error) // _MOST_LENT + 1]
    theirs = replace(lent, weight=lent.weight * (_BORROWED / lent.weight.sum()))
    return Errors.joined((mine, theirs))


def _by_activity(kind: int, errors: Errors, own_activity: Floats, levels: Sequence[float]) -> Pooled:
    groups = int(np.clip(len(own_activity) // LEAST_ERRORS, 1, _GROUPS if kind == AWAKE else _IDLE_GROUPS))
    shares = 1 - np.geomspace(1, _BUSIEST_SHARE, groups + 1)[1:-1]
    if kind != AWAKE:
        shares = np.linspace(0, 1, groups + 1)[1:-1]
    group = np.zeros(len(errors.error), dtype=np.int64)
    if groups > 1:
        group = np.searchsorted(np.quantile(own_activity, shares), errors.activity)
    centres, quantiles, points = [], [], []
    for index in np.unique(group):
        member = errors[group == index]
        error = np.minimum(member.error, _witnessed(member))
        order = np.argsort(error)
        ordered, mass = error[order], np.cumsum(member.weight[order])
        mass /= mass[-1]
        centres.append(log_activity(member.activity).mean())
        quantiles.append(_quantiles(ordered, mass, levels))
        points.append(_points(ordered, mass))
    return Pooled(np.full(len(centres), kind), np.array(centres), np.stack(quantiles), np.stack(points))


def _witnessed(errors: Errors) -> float:
    """The error that as many series as are needed for it to count have reached, each at its largest."""
    names, place = np.unique(errors.series, return_inverse=True)
    largest = np.full(len(names), -np.inf)
    np.maximum.at(largest, place, errors.error)
    return float(np.sort(largest)[-min(_WITNESSES, len(largest))])


def _quantiles(ordered: Floats, mass: Floats, levels: Sequence[float]) -> Floats:
    count = len(ordered)
    corrected = np.minimum(np.asarray(levels) * (1 + 1 / count), 1)  # split conformal's finite-sample correction
    return ordered[np.minimum(np.searchsorted(mass, corrected), count - 1)]


def _points(ordered: Floats, mass: Floats) -> Floats:
    edges = np.searchsorted(mass, np.linspace(0, 1, _MEAN_POINTS + 1)[1:-1])
    part = np.searchsorted(edges, np.arange(len(ordered)), side="right")
    share = np.diff(mass, prepend=0.0)
    sums = np.bincount(part, weights=ordered * share, minlength=_MEAN_POINTS)
    sizes = np.bincount(part, weights=share, minlength=_MEAN_POINTS)
    mean = float((ordered * share).sum())
    result: Floats = np.divide(sums, sizes, out=np.full(_MEAN_POINTS, mean), where=sizes > 0)
    return result


def _between(position: Floats, centres: Floats, table: Floats) -> Floats:
    """Series x columns: rows of `table` (groups x columns) interpolated at each series' position."""
    if len(centres) == 1:
        return np.broadcast_to(table[0], (len(position), table.shape[1]))
    upper = np.clip(np.searchsorted(centres, position), 1, len(centres) - 1)
    share = ((position - centres[upper - 1]) / (centres[upper] - centres[upper - 1])).clip(0, 1)[:, None]
    result: Floats = table[upper - 1] * (1 - share) + table[upper] * share
    return result
