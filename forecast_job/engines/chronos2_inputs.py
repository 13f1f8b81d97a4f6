"""The inputs of Chronos-2 from a panel: each series' known days, with covariates where they tell something more.

Without a source of covariates that is demand alone. With one, what it knows of an item's days, and the calendar
(weekends, days the shop is open; known ahead), as far as covariate_choice has them sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import CovariateSource
from forecast_job.demand.panel import Demand, Panel
from forecast_job.engines.batches import Rows
from forecast_job.engines.covariate_choice import CovariateChoice, chosen

LEAST_KNOWN_DAYS = 14  # two of each weekday
Prepared = dict[str, object]  # what the library calls a prepared input
_SATURDAY = 5


@dataclass(frozen=True)
class Batch:
    """What the model is given at once: a row a variate, those of a series one after the other, its demand first.

    `context`: rows x days; `future`: rows x horizon days, NaN where not known; `groups`: the series of each row.
    """

    context: Tensor
    future: Tensor
    groups: Tensor
    variates: int


@dataclass(frozen=True)
class Inputs:
    """`demand`: series x days, `first`: each one's first known day; `past` and `future`: covariates x series x days,
    the latter with NaN where not known; `used`: series x covariates. The first `calendar` covariates are known ahead
    of any origin."""

    demand: Demand
    first: Rows
    past: Sequence[Demand]
    future: Sequence[Demand]
    used: NDArray[np.bool_]
    calendar: int

    def worth_sending(self) -> Rows:
        """The series with a sale and enough known days: from any other there is nothing to learn."""
        known = (~np.isnan(self.demand)).sum(axis=1) >= LEAST_KNOWN_DAYS
        return np.flatnonzero(known & (np.nan_to_num(self.demand) > 0).any(axis=1))

    def to_forecast(self, rows: Rows, names: Rows, horizon_days: int) -> Batch:
        """Per series its demand, then the covariates `names`, from the first known day of the batch on; before its own
        first day nothing of a series is known, or its forecast would depend on the batch."""
        start = int(self.first[rows].min())
        past = np.stack([self.demand[rows, start:], *(self.past[name][rows, start:] for name in names)], axis=1)
        unknown = np.arange(start, self.demand.shape[1]) < self.first[rows, None]
        past[np.broadcast_to(unknown[:, None, :], past.shape)] = np.nan
        ahead = np.full((len(rows), 1, horizon_days), np.nan, dtype=np.float32)
        future = np.concatenate([ahead, *(self.future[name][rows, None, :] for name in names)], axis=1)
        variates = 1 + len(names)
        return Batch(
            torch.from_numpy(past.reshape(len(rows) * variates, -1)),
            torch.from_numpy(future.reshape(len(rows) * variates, horizon_days)),
            torch.arange(len(rows)).repeat_interleave(variates),
            variates,
        )

    def to_learn_from(self, row: int) -> Prepared:
        """One series with the covariates that it uses, those of the calendar last: the library cuts origins out of the
        history itself, and takes as known ahead of them the last ones. Of promotions, prices and the like a daily run
        knows nothing ahead, and a model that had seen them there would wait for them."""
        names = np.flatnonzero(self.used[row])
        order = [*names[names >= self.calendar], *names[names < self.calendar]]
        start = self.first[row]
        history = np.stack([self.demand[row, start:], *(self.past[name][row, start:] for name in order)])
        return {
            "context": torch.from_numpy(history),
            "future_covariates": torch.empty((len(history), 0)),
            "n_targets": 1,
            "n_covariates": len(names),
            "n_future_covariates": int((names < self.calendar).sum()),
        }


def build_inputs(
    panel: Panel,
    horizon_days: int,
    history: ClientHistory,
    source: CovariateSource | None,
    context_days: int,
    choice: CovariateChoice = "events",
) -> Inputs:
    """The last `context_days` of every series of the panel. Raises what the source raises."""
    days = min(panel.days, history.days, context_days)
    demand = panel.units[:, panel.days - days :]
    known = ~np.isnan(demand)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0) if days else np.zeros(panel.series, dtype=np.int64)
    if source is None or choice == "none":
        return Inputs(demand, first, [], [], np.zeros((panel.series, 0), dtype=np.bool_), 0)
    item = source.of(panel, horizon_days)
    calendar = _calendar(panel.series, horizon_days, days, history)
    pairs = [*calendar, *((item.past[name][:, panel.days - days :], item.future[name]) for name in item.past)]
    after = np.arange(days) >= first[:, None]
    varies, known_ahead = (np.zeros((panel.series, len(pairs)), dtype=np.bool_) for _ in range(2))
    for index, (past, future) in enumerate(pairs):
        varies[:, index] = _varies(np.where(after, past, np.nan))
        known_ahead[:, index] = ~np.isnan(future).all(axis=1)
    own = slice(len(calendar), None)
    used = chosen(choice, varies[:, : len(calendar)], list(item.past), varies[:, own], known_ahead[:, own])
    return Inputs(demand, first, [past for past, _ in pairs], [future for _, future in pairs], used, len(calendar))


def _varies(values: Demand) -> NDArray[np.bool_]:
    """Series with two different known values."""
    high: Demand = np.fmax.reduce(values, axis=1, initial=np.nan)
    return high > np.fmin.reduce(values, axis=1, initial=np.nan)


def _calendar(series: int, horizon_days: int, days: int, history: ClientHistory) -> list[tuple[Demand, Demand]]:
    """Weekend and open days, of the past and ahead, as the shop knows them: the same for every series."""
    weekend = history.weekdays(horizon_days) >= _SATURDAY
    shape = (series, days), (series, horizon_days)
    result = []
    for values in (weekend, history.open_days(horizon_days)):
        line = values.astype(np.float32)
        past, ahead = line[len(line) - horizon_days - days : len(line) - horizon_days], line[len(line) - horizon_days :]
        result.append((np.broadcast_to(past, shape[0]), np.broadcast_to(ahead, shape[1])))
    return result
