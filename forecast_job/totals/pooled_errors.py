"""Errors of past totals pooled into distributions: one for each kind of item and, within it, for similar activity.

What a kind has seen too little of, it borrows: its errors are mixed with those of a kind that is like it, which count
as `_BORROWED` windows of its own. An error larger than any that some series have made (of n series, the square root of
n, at least three) is no law but a single order, or a mistyped one: it counts as the smallest of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from statistics import NormalDist

import numpy as np

from forecast_job.totals.expected_total import ASLEEP, AWAKE, IDLE, IDLE_FROM_DAYS, IDLE_SEASONS, NEW, YOUNG
from shared.arrays import Bools, Floats, Ints

LEAST_ERRORS = 200
_GROUPS = 8
_BUSIEST_SHARE = 0.04  # of the errors are in the group of the most active items, twelve times that in the least active
_MEAN_POINTS = 64
_LEAST_WITNESSES = 3
_BORROWED = 100.0
_ENOUGH = 30.0  # times what would be borrowed: with so many windows of its own a kind borrows nothing
_MOST_LENT = 20_000  # errors: more of them say the same again
_FEW_GROUPS = 4
_USUAL_SALES = (1.0, 1.0, 2.0)  # of the usual size
_IMAGINED = 30.0  # windows in which items wake and sell as usual, beside one of each series that woke
_SERIES_A_SALE = 10.0  # that woke: with so many more, one counts with a usual sale more
_HIGHEST_MEAN = 0.99


@dataclass(frozen=True)
class Errors:
    """Standardised errors of one window length, with the kind, the position and the number of their series, the weight
    of their origin, and the `leverage`: expected total over scale, by how much an error falls when twice as much is
    expected. It is 0 for items of which nothing is expected but what others sold."""

    error: Floats
    kind: Ints
    position: Floats
    series: Ints
    weight: Floats
    leverage: Floats

    @classmethod
    def joined(cls, parts: Sequence[Errors]) -> Errors:
        """All of them, in order."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def by_kind(self) -> Errors:
        """All of them, ordered by kind."""
        return self[np.argsort(self.kind, kind="stable")]

    def of(self, first: int, kinds: int = 1) -> Errors:
        """The errors of the kinds from `first` on, of errors ordered by kind."""
        start, end = np.searchsorted(self.kind, (first, first + kinds))
        return self[slice(int(start), int(end))]

    def __getitem__(self, chosen: Bools | Ints | slice) -> Errors:
        return Errors(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Pooled:
    """Errors of one window length by group, ordered by `kind` and within it by mean `position`: error
    `quantiles` (groups x levels); equally likely error `points` (groups x points), which keep the mean that quantiles
    lose; `factor`: what the client's items of that kind sell now of what is expected of each (client_factor)."""

    kind: Ints
    position: Floats
    quantiles: Floats
    points: Floats
    factor: Floats

    def of(self, kind: int) -> Pooled:
        """The groups of one of its kinds."""
        chosen = self.kind == kind
        return Pooled(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def at(self, position: Floats) -> tuple[Floats, Floats]:
        """Quantiles and points of series at these positions, interpolated between the groups, which are of one kind."""
        return _between(position, self.position, self.quantiles), _between(position, self.position, self.points)


def pool(errors: Errors, levels: Sequence[float], overlap: float, factor: float = 1.0) -> Pooled:
    """The errors by kind and position. `overlap`: how many errors of a series share a day, as their origins are nearer
    to each other than the window is long; `factor`: of what is expected of awake items, for them all."""
    errors = errors.by_kind()
    awake = errors.of(AWAKE)
    tables = [normal_errors(levels) if len(awake.error) < LEAST_ERRORS else _of_awake(AWAKE, awake, awake, levels)]
    lender = awake
    for kind in (YOUNG, NEW):
        own = errors.of(kind)
        lender = _mixed(own, lender, overlap)
        if len(lender.error) >= LEAST_ERRORS:
            tables.append(_of_awake(kind, own, lender, levels))
    slept = errors.of(IDLE, IDLE_SEASONS * len(IDLE_FROM_DAYS))
    if len(slept.error) >= LEAST_ERRORS:
        woke = slept[slept.error > 0]
        woken_soon = _Distribution.of(_with_usual_sales(_of_few(woke[woke.kind < ASLEEP]), overlap))
        woken_late = _Distribution.of(_with_usual_sales(_of_few(woke[woke.kind >= ASLEEP]), overlap))
        lender = slept[:0]  # of a shorter sleep
        for first in range(IDLE, IDLE + IDLE_SEASONS * len(IDLE_FROM_DAYS), IDLE_SEASONS):
            age, woken = errors.of(first, IDLE_SEASONS), woken_late if first >= ASLEEP else woken_soon
            lender = _mixed(age, lender, overlap)
            tables.append(_of_idle(first, age, lender, woken, levels))
            for kind in range(first + 1, first + IDLE_SEASONS):
                own = errors.of(kind)
                tables.append(_of_idle(kind, own, _mixed(own, lender, overlap), woken, levels))
    joined = Pooled(*(np.concatenate([getattr(table, field.name) for table in tables]) for field in fields(Pooled)))
    return replace(joined, factor=np.where(joined.kind < IDLE, factor, 1.0))


def normal_errors(levels: Sequence[float]) -> Pooled:
    """Where nothing is known of past errors."""
    normal = NormalDist()
    points = np.array([[normal.inv_cdf((index + 0.5) / _MEAN_POINTS) for index in range(_MEAN_POINTS)]])
    quantiles = np.array([[normal.inv_cdf(level) for level in levels]])
    return Pooled(np.array([AWAKE]), np.zeros(1), quantiles, points, np.ones(1))


def _mixed(own: Errors, lender: Errors, overlap: float) -> Errors:
    """A kind's own errors, weighing as many as they are independent windows, and `_BORROWED` windows of its lender."""
    if not len(own.error):
        return lender
    windows = _windows(own, overlap)
    mine = replace(own, weight=own.weight * (windows / own.weight.sum()))
    if not len(lender.error) or windows > _ENOUGH * _BORROWED:
        return mine
    lent = lender[:: len(lender.error) // _MOST_LENT + 1]
    theirs = replace(lent, weight=lent.weight * (_BORROWED / lent.weight.sum()))
    return Errors.joined((mine, theirs))


@dataclass(frozen=True)
class _Distribution:
    """Errors in ascending order, and the share of the weight up to each."""

    ordered: Floats
    mass: Floats

    @classmethod
    def of(cls, errors: Errors) -> _Distribution:
        """Errors that too few series have made count as the largest that enough have."""
        error = np.minimum(errors.error, _witnessed(errors))
        order = np.argsort(error)
        mass = np.cumsum(errors.weight[order])
        return cls(error[order], mass / mass[-1] if len(mass) else mass)

    def quantiles(self, levels: Floats) -> Floats:
        """The error at each of these shares; 0 where there are none."""
        if not len(self.ordered):
            return np.zeros(len(levels))
        result: Floats = self.ordered[np.minimum(np.searchsorted(self.mass, levels), len(self.ordered) - 1)]
        return result

    def points(self) -> Floats:
        """The means of equal shares."""
        edges = np.searchsorted(self.mass, np.linspace(0, 1, _MEAN_POINTS + 1)[1:-1])
        part = np.searchsorted(edges, np.arange(len(self.ordered)), side="right")
        share = np.diff(self.mass, prepend=0.0)
        sums = np.bincount(part, weights=self.ordered * share, minlength=_MEAN_POINTS)
        sizes = np.bincount(part, weights=share, minlength=_MEAN_POINTS)
        result: Floats = np.divide(sums, sizes, out=np.full(_MEAN_POINTS, self.mean()), where=sizes > 0)
        return result

    def mean(self) -> float:
        """The mean error; 0 where there are none."""
        return float((self.ordered * np.diff(self.mass, prepend=0.0)).sum())


def _of_awake(kind: int, own: Errors, errors: Errors, levels: Sequence[float]) -> Pooled:
    """What they sell more or less than expected; `errors`: its `own` and borrowed ones."""
    groups = int(np.clip(len(own.error) // LEAST_ERRORS, 1, _GROUPS if kind == AWAKE else _FEW_GROUPS))
    if kind == AWAKE:
        shares = 1 - np.geomspace(1, _BUSIEST_SHARE, groups + 1)[1:-1]
    else:
        shares = np.linspace(0, 1, groups + 1)[1:-1]
    members = _grouped(own, errors, shares)
    pooled = [_Distribution.of(member) for member in members]
    return Pooled(
        np.full(len(members), kind),
        np.array([member.position.mean() for member in members]),
        np.stack(
            [one.quantiles(_corrected(levels, len(member.error))) for one, member in zip(pooled, members, strict=True)]
        ),
        np.stack([one.points() for one in pooled]),
        np.ones(len(members)),
    )


def _of_idle(kind: int, own: Errors, errors: Errors, woken: _Distribution, levels: Sequence[float]) -> Pooled:
    """The chance to wake, learned by kind and position, and what items sell that wake: these are alike, and many."""
    groups = int(np.clip(len(own.error) // LEAST_ERRORS, 1, _FEW_GROUPS))
    members = _grouped(own, errors, np.linspace(0, 1, groups + 1)[1:-1])
    quantiles, means = [], []
    for member in members:
        wakes = float(member.weight[member.error > 0].sum() / member.weight.sum())

        def quantile(levels: Floats, wakes: float = wakes) -> Floats:
            above = (levels - (1 - wakes)) / max(wakes, 1e-9)
            return np.where(above > 0, woken.quantiles(above), 0.0)

        quantiles.append(quantile(_corrected(levels, len(member.error))))
        # Not beyond what happens once in a hundred times: what never woke among so many is not expected to.
        means.append(min(wakes * woken.mean(), float(quantile(np.array([_HIGHEST_MEAN]))[0])))
    return Pooled(
        np.full(len(members), kind),
        np.array([member.position.mean() for member in members]),
        np.stack(quantiles),
        np.repeat(np.array(means)[:, None], _MEAN_POINTS, axis=1),
        np.ones(len(members)),
    )


def _grouped(own: Errors, errors: Errors, shares: Floats) -> list[Errors]:
    """Errors in groups of similar position, cut at these shares of the `own` ones; none is empty."""
    if not len(shares):
        return [errors]
    group = np.searchsorted(np.quantile(own.position, shares), errors.position)
    return [errors[group == index] for index in np.unique(group)]


def _corrected(levels: Sequence[float], count: int) -> Floats:
    """Split conformal's finite-sample correction."""
    return np.minimum(np.asarray(levels) * (1 + 1 / count), 1)


def _of_few(woke: Errors) -> Errors:
    """What items sold that woke; the fewer, the less more than usual: one of a few does not decide for all others."""
    most = float(np.mean(_USUAL_SALES)) * (1 + len(np.unique(woke.series)) / _SERIES_A_SALE)
    return replace(woke, error=np.minimum(woke.error, most))


def _with_usual_sales(woke: Errors, overlap: float) -> Errors:
    """What items sold that woke, and some imagined ones beside them that sold about as usual: a few are no law."""
    imagined = np.array(_USUAL_SALES)
    count = len(imagined)
    none = np.zeros(count)
    prior = Errors(imagined, np.full(count, IDLE), none, -1 - np.arange(count), np.ones(count), none)
    windows = min(_windows(woke, overlap), float(len(np.unique(woke.series))))
    return Errors.joined(
        (
            replace(woke, weight=woke.weight * (windows / woke.weight.sum())) if windows > 0 else woke,
            replace(prior, weight=prior.weight * (_IMAGINED / count)),
        )
    )


def _windows(errors: Errors, overlap: float) -> float:
    """As how many independent windows the errors weigh."""
    squares = float((errors.weight**2).sum())
    return float(errors.weight.sum()) ** 2 / squares / overlap if squares > 0 else 0.0


def _witnessed(errors: Errors) -> float:
    """The error that as many series as are needed for it to count have reached, each at its largest."""
    names, place = np.unique(errors.series, return_inverse=True)
    largest = np.full(len(names), -np.inf)
    np.maximum.at(largest, place, errors.error)
    needed = max(_LEAST_WITNESSES, math.isqrt(len(names)))
    return float(np.sort(largest)[-min(needed, len(names))])


def _between(position: Floats, centres: Floats, table: Floats) -> Floats:
    """Series x columns: rows of `table` (groups x columns) interpolated at each series' position."""
    if len(centres) == 1:
        return np.broadcast_to(table[0], (len(position), table.shape[1]))
    upper = np.clip(np.searchsorted(centres, position), 1, len(centres) - 1)
    share = ((position - centres[upper - 1]) / (centres[upper] - centres[upper - 1])).clip(0, 1)[:, None]
    result: Floats = table[upper - 1] * (1 - share) + table[upper] * share
    return result
