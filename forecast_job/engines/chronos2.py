"""Chronos-2 (chronos-forecasting 2.x): a pretrained model that sees each series with its covariates, one at a time.

What the library does not do, or does otherwise than one would think:

- `predictions`, and the mean of `predict_quantiles`, are the median: the mean comes from the model's own quantile grid
  (quantile_grid), as do the levels asked for where the model has none of them;
- passing `freq` hides gaps in the dates: it gets dense days, NaN where demand is not known (no stock, no sale);
- cross-learning, by which a forecast depends on the rest of its batch, is off, so a shard's size changes nothing;
- `predict` makes a tensor of each series by itself, while the GPU waits (a third of the time, measured): here a batch
  is made at once, during the one before, and the model is called as `predict` would, which a test compares;
- a series it cannot learn from (no sale, hardly a known day) gets some forecast too: here, the fallback engine's. So
  does one whose forecast is not a number.

What is sent of a series, with which covariates, is said in chronos2_inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from chronos import Chronos2Pipeline
from torch.nn.functional import pad

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import CovariateSource
from forecast_job.demand.panel import Demand, Panel
from forecast_job.engines import DailyForecast, Engine
from forecast_job.engines.batches import ShrinkingBatches, alike
from forecast_job.engines.chronos2_inputs import Batch, build_inputs
from forecast_job.engines.covariate_choice import CovariateChoice
from forecast_job.engines.quantile_grid import interpolation, mean_weights

BATCH_VARIATES = 256  # the library's default


class Chronos2Engine:
    """See the module. Implements forecast_job.engines.Engine; `fallback` forecasts the series that are not sent."""

    name = "chronos2"

    def __init__(
        self,
        pipeline: Chronos2Pipeline,
        fallback: Engine,
        source: CovariateSource | None = None,
        batch_variates: int = BATCH_VARIATES,
        choice: CovariateChoice = "events",
    ) -> None:
        self._pipeline, self._fallback, self._source, self._choice = pipeline, fallback, source, choice
        self._batches = ShrinkingBatches(batch_variates, torch.OutOfMemoryError, torch.cuda.empty_cache)

    def with_covariates(self, source: CovariateSource) -> Chronos2Engine:
        """The same engine that also sees what `source` knows of the items' days."""
        return Chronos2Engine(self._pipeline, self._fallback, source, self._batches.variates, self._choice)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """As the protocol says. Nothing is sold on days that the shop is expected to be closed. Raises OutOfGpuMemory
        when a single series is too much."""
        result = np.zeros((panel.series, horizon_days, len(quantiles)), dtype=np.float32)
        mean = np.zeros((panel.series, horizon_days), dtype=np.float32)
        model_levels = self._pipeline.quantiles
        to_levels, to_mean = interpolation(model_levels, quantiles), mean_weights(model_levels)
        done = np.zeros(panel.series, dtype=np.bool_)
        context_days = self._pipeline.model_context_length
        inputs = build_inputs(panel, horizon_days, history, self._source, context_days, self._choice)
        sent = inputs.worth_sending()
        for names, places in alike(inputs.used[sent], inputs.first[sent]):
            for rows, predicted in self._batches.run(
                sent[places],
                1 + len(names),
                lambda batch, names=names: inputs.to_forecast(batch, names, horizon_days),  # type: ignore[misc]
                self._predict,
            ):
                finite = np.isfinite(predicted).all(axis=(1, 2))
                grid, chosen = np.sort(np.maximum(predicted[finite], 0), axis=2), rows[finite]
                result[chosen], mean[chosen] = grid @ to_levels, grid @ to_mean
                done[chosen] = True
        if not done.all():
            left = np.flatnonzero(~done)
            other = self._fallback.forecast(panel.rows(left), horizon_days, quantiles, history)
            result[left], mean[left] = other.quantiles, other.mean
        closed = ~history.open_days(horizon_days)[history.days :]
        result[:, closed], mean[:, closed] = 0, 0
        return DailyForecast(result, mean, tuple(self.name if by_model else self._fallback.name for by_model in done))

    def _predict(self, batch: Batch) -> Demand:
        """Series x horizon days x the model's levels. The horizon is within what the model gives at once (weights)."""
        model, patch = self._pipeline.model, self._pipeline.model_output_patch_size
        horizon_days = batch.future.shape[1]
        patches = -(-horizon_days // patch)
        future = pad(batch.future, (0, patches * patch - horizon_days), value=torch.nan)
        with torch.no_grad():
            predicted = model(
                context=batch.context.to(model.device),
                group_ids=batch.groups.to(model.device),
                future_covariates=future.to(model.device),
                num_output_patches=patches,
            ).quantile_preds
        of_demand: Demand = predicted[:: batch.variates, :, :horizon_days].to("cpu", torch.float32).numpy()
        return of_demand.transpose(0, 2, 1)
