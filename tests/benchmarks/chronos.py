"""The Chronos-2 engine against the bare pipeline, on the same panel and batch size: what our part adds.

    python -m tests.benchmarks.chronos PARQUET [--weights FOLDER] [--series 500] [--horizon 90]

Without weights, a random model of a size that a CPU forecasts in seconds. Both see demand alone and answer the levels
that are published; the best of three, taken in turn.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from forecast_job.backtest import most_active, whole_items
from forecast_job.demand_file import read_demand
from forecast_job.engines.chronos2 import BATCH_VARIATES, Chronos2Engine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.engines.weights import best_device, load_pipeline
from forecast_job.shop import Shop
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.chronos import save_tiny_chronos

_ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parquet", type=Path)
    parser.add_argument("--weights")
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--horizon", type=int, default=90)
    asked = parser.parse_args()
    everything = whole_items(read_demand(asked.parquet))
    sellers = (np.nan_to_num(everything.units) > 0).sum(axis=0).astype(np.float64)
    panel = everything.rows(most_active(everything, everything.days, asked.series))
    shop = Shop(everything.first, sellers)
    with tempfile.TemporaryDirectory() as folder:
        weights = asked.weights or str(save_tiny_chronos(Path(folder), d_model=128, layers=4, patch=16, context=1024))
        pipeline = load_pipeline(weights, best_device())
    engine = Chronos2Engine(pipeline, StatisticalEngine())
    bare, ours = [], []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        pipeline.predict_quantiles(
            panel.units[:, None, :],
            prediction_length=asked.horizon,
            quantile_levels=list(DAILY_QUANTILES),
            batch_size=BATCH_VARIATES,
        )
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        engine.forecast(panel, asked.horizon, DAILY_QUANTILES, shop)
        ours.append(time.perf_counter() - began)
    parameters = sum(tensor.numel() for tensor in pipeline.model.parameters())
    best, best_bare = min(ours), min(bare)
    sys.stdout.write(
        f"{panel.series} series x {panel.days} days, {asked.horizon} ahead, {parameters:,} parameters on "
        f"{pipeline.model.device}: bare {best_bare:.2f} s, engine {best:.2f} s, ratio {best / best_bare:.3f}\n"
    )


if __name__ == "__main__":
    main()
