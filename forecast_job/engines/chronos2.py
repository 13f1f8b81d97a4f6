"""Chronos-2 (chronos-forecasting 2.x): a pretrained model that sees each series with its covariates, one at a time.

What the library does not do, or does otherwise than one would think:

- `predictions`, and the mean of `predict_quantiles`, are the median: the mean comes from the model's own quantile grid
  (quantile_grid), as do the levels asked for where the model has none of them;
- passing `freq` hides gaps in the dates: it gets dense days, NaN where demand is not known (no stock, no sale);
- with cross_learning a forecast depends on the rest of its batch: it is off, so a shard's size changes nothing;
- a series it cannot learn from (no sale, hardly a known day) gets some forecast too: here, the fallback engine's. So
  does one whose forecast is not a number.

Without a source of covariates it sees demand alone. With one, also the calendar (weekends, days the shop is open; known
ahead) and what the source knows of an item's days. Of those a series gets the ones that vary within its history: a
constant tells nothing and costs as much as another series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from chronos import Chronos2Pipeline
from numpy.typing import NDArray

from forecast_job.covariates import CovariateSource
from forecast_job.engines import DailyForecast, Engine
from forecast_job.engines.batches import Rows, ShrinkingBatches, alike
from forecast_job.engines.quantile_grid import interpolation, mean_weights
from forecast_job.panel import Demand, Panel
from forecast_job.shop import Shop

BATCH_VARIATES = 256  # the library's default
LEAST_KNOWN_DAYS = 14  # two of each weekday
_SATURDAY = 5


@dataclass(frozen=True)
class _Inputs:
    """`demand`: series x days, `first`: each one's first known day; `past` and `future`: covariates x series x days,
    the latter with NaN where not known; `used`: series x covariates."""

    demand: Demand
    first: Rows
    past: Sequence[Demand]
    future: Sequence[Demand]
    used: NDArray[np.bool_]

    def prepared(self, rows: Rows, names: Rows, horizon_days: int) -> list[dict[str, object]]:
        """What the library calls prepared inputs: per series its demand, then the covariates `names`, from the first
        known day of the batch on; before its own first day nothing of a series is known, or it would depend on it."""
        start = int(self.first[rows].min())
        past = np.stack([self.demand[rows, start:], *(self.past[name][rows, start:] for name in names)], axis=1)
        unknown = np.arange(start, self.demand.shape[1]) < self.first[rows, None]
        past[np.broadcast_to(unknown[:, None, :], past.shape)] = np.nan
        ahead = np.full((len(rows), 1, horizon_days), np.nan, dtype=np.float32)
        future = np.concatenate([ahead, *(self.future[name][rows, None, :] for name in names)], axis=1)
        return [
            {
                "context": torch.from_numpy(context),
                "future_covariates": torch.from_numpy(known),
                "n_targets": 1,
                "n_covariates": len(names),
                "n_future_covariates": len(names),
            }
            for context, known in zip(past, future, strict=True)
        ]


class Chronos2Engine:
    """See the module. Implements forecast_job.engines.Engine; `fallback` forecasts the series that are not sent."""

    name = "chronos2"

    def __init__(
        self,
        pipeline: Chronos2Pipeline,
        fallback: Engine,
        source: CovariateSource | None = None,
        batch_variates: int = BATCH_VARIATES,
    ) -> None:
        self._pipeline, self._fallback, self._source = pipeline, fallback, source
        self._batches = ShrinkingBatches(batch_variates, torch.OutOfMemoryError, torch.cuda.empty_cache)

    def with_covariates(self, source: CovariateSource) -> Chronos2Engine:
        """The same engine that also sees what `source` knows of the items' days."""
        return Chronos2Engine(self._pipeline, self._fallback, source, self._batches.variates)

    def forecast(self, panel: Panel, horizon_days: int, quantiles: Sequence[float], covariates: Shop) -> DailyForecast:
        """As the protocol says. Nothing is sold on days that the shop is expected to be closed."""
        result = np.zeros((panel.series, horizon_days, len(quantiles)), dtype=np.float32)
        mean = np.zeros((panel.series, horizon_days), dtype=np.float32)
        given = self._pipeline.quantiles
        to_asked, to_mean = interpolation(given, quantiles), mean_weights(given)
        done = np.zeros(panel.series, dtype=np.bool_)
        inputs = self._inputs(panel, horizon_days, covariates)
        sent = np.flatnonzero(_worth_sending(inputs.demand))
        for names, places in alike(inputs.used[sent], inputs.first[sent]):
            for rows, predicted in self._batches.run(
                sent[places],
                1 + len(names),
                lambda batch, names=names: self._predict(inputs, batch, names, horizon_days),  # type: ignore[misc]
            ):
                finite = np.isfinite(predicted).all(axis=(1, 2))
                grid, chosen = np.sort(np.maximum(predicted[finite], 0), axis=2), rows[finite]
                result[chosen], mean[chosen] = grid @ to_asked, grid @ to_mean
                done[chosen] = True
        if not done.all():
            left = np.flatnonzero(~done)
            other = self._fallback.forecast(panel.rows(left), horizon_days, quantiles, covariates)
            result[left], mean[left] = other.quantiles, other.mean
        closed = ~covariates.open_days(horizon_days)[covariates.days :]
        result[:, closed], mean[:, closed] = 0, 0
        return DailyForecast(result, mean, tuple(self.name if by_model else self._fallback.name for by_model in done))

    def _inputs(self, panel: Panel, horizon_days: int, shop: Shop) -> _Inputs:
        days = min(panel.days, shop.days, self._pipeline.model_context_length)
        demand = panel.units[:, panel.days - days :]
        known = ~np.isnan(demand)
        first = np.where(known.any(axis=1), known.argmax(axis=1), 0) if days else np.zeros(panel.series, dtype=np.int64)
        pairs: list[tuple[Demand, Demand]] = []
        if self._source is not None:
            item = self._source.of(panel, horizon_days)
            pairs += _calendar(panel.series, horizon_days, days, shop)
            pairs += [(item.past[name][:, panel.days - days :], item.future[name]) for name in item.past]
        after = np.arange(days) >= first[:, None]
        used = np.zeros((panel.series, len(pairs)), dtype=np.bool_)
        for index, (past, _) in enumerate(pairs):
            used[:, index] = _varies(np.where(after, past, np.nan))
        return _Inputs(demand, first, [past for past, _ in pairs], [future for _, future in pairs], used)

    def _predict(self, inputs: _Inputs, rows: Rows, names: Rows, horizon_days: int) -> Demand:
        """Series x horizon days x the model's levels."""
        predicted = self._pipeline.predict(
            inputs.prepared(rows, names, horizon_days),
            prediction_length=horizon_days,
            batch_size=len(rows) * (1 + len(names)),
            cross_learning=False,
        )
        stacked: Demand = torch.cat(predicted).numpy()
        return stacked.transpose(0, 2, 1)


def _worth_sending(demand: Demand) -> NDArray[np.bool_]:
    """Series with a sale and enough known days."""
    known = (~np.isnan(demand)).sum(axis=1) >= LEAST_KNOWN_DAYS
    return known & (np.nan_to_num(demand) > 0).any(axis=1)


def _varies(values: Demand) -> NDArray[np.bool_]:
    """Series with two different known values."""
    high: Demand = np.fmax.reduce(values, axis=1, initial=np.nan)
    return high > np.fmin.reduce(values, axis=1, initial=np.nan)


def _calendar(series: int, horizon_days: int, days: int, shop: Shop) -> list[tuple[Demand, Demand]]:
    """Weekend and open days, of the past and ahead, as the shop knows them: the same for every series."""
    weekend = shop.weekdays(horizon_days) >= _SATURDAY
    shape = (series, days), (series, horizon_days)
    result = []
    for values in (weekend, shop.open_days(horizon_days)):
        line = values.astype(np.float32)
        past, ahead = line[len(line) - horizon_days - days : len(line) - horizon_days], line[len(line) - horizon_days :]
        result.append((np.broadcast_to(past, shape[0]), np.broadcast_to(ahead, shape[1])))
    return result
