"""The Chronos-2 engine against the bare pipeline, on the same panel and batch size: speed, memory, what our part adds.

    python -m tests.benchmarks.chronos FILE.parquet [--series 500]          real demand, a model that a CPU can bear
    python -m tests.benchmarks.chronos --size published --series 64         synthetic demand, the published model's size
    python -m tests.benchmarks.chronos --size published --series 8192 --batches 256,512,1024,2048,4096      on a GPU

Models are random unless --weights names real ones. Both see demand alone and answer the levels that are published; the
best of some rounds, taken in turn. The last line is the engine's with STOCKCAST_CHRONOS_COVARIATES=all, which sends the
calendar: three variates a series instead of one. Batch sizes count variates; the star marks the engine's own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from chronos import Chronos2Pipeline

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines.chronos2 import BATCH_VARIATES, Chronos2Engine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.engines.weights import best_device, load_pipeline
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.chronos import save_published_size, save_tiny_chronos
from tests.support.weights import pinned

_FIRST = dt.date(2022, 6, 6)
_WEEKDAYS = np.array([1.1, 1.0, 1.0, 1.1, 1.4, 0.8, 0.6])


@dataclass(frozen=True)
class _Cost:
    """Best wall time and, on a GPU, the most memory that tensors held, in MiB; None: it did not fit."""

    seconds: float | None
    memory_mib: float | None


class CalendarOnly:
    """Nothing known of an item's days: the engine adds weekends and open days by itself."""

    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        return Covariates({}, {})


def synthetic(series: int, days: int) -> tuple[Panel, ClientHistory]:
    """Poisson demand with a week, from one sale a fortnight to dozens a day; the same for the same size."""
    generator = np.random.default_rng(11)
    rates = np.exp(generator.normal(0, 1.5, series)).clip(0.07, 60)
    units = generator.poisson(rates[:, None] * _WEEKDAYS[np.arange(days) % 7]).astype(np.float32)
    units[:, 0] = np.maximum(units[:, 0], 1)
    panel = Panel(_FIRST, tuple(f"I{row}" for row in range(series)), ("*",) * series, units, np.arange(series))
    # Closed on every tenth day, so that open days vary and are sent.
    return panel, ClientHistory(_FIRST, np.where(np.arange(days) % 10 == 9, 0.0, float(series)))


def real(parquet: Path, series: int) -> tuple[Panel, ClientHistory]:
    """The most active items of a file."""
    from forecast_job.backtest.rolling_origin import most_active
    from forecast_job.demand.demand_file import read_demand
    from forecast_job.demand.panel import whole_items

    everything = whole_items(read_demand(parquet))
    sellers = (np.nan_to_num(everything.units) > 0).sum(axis=0).astype(np.float64)
    return everything.rows(most_active(everything, everything.days, series)), ClientHistory(everything.first, sellers)


def _measured(rounds: int, *works: Callable[[], object]) -> list[_Cost]:
    """The cost of each, in turn; on a GPU after a first round that does not count, in which it sets itself up."""
    on_gpu = torch.cuda.is_available()
    costs: list[list[_Cost]] = [[] for _ in works]
    for turn in range(rounds + on_gpu):
        for place, work in enumerate(works):
            if on_gpu:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            began = time.perf_counter()
            try:
                work()
            except torch.OutOfMemoryError:
                costs[place].append(_Cost(None, None))
                continue
            seconds = time.perf_counter() - began
            if turn >= on_gpu:
                costs[place].append(_Cost(seconds, torch.cuda.max_memory_allocated() / 2**20 if on_gpu else None))
    return [min(of_one, key=lambda cost: cost.seconds or np.inf) for of_one in costs]


def _weights(asked: argparse.Namespace, folder: Path) -> str:
    if asked.weights:
        return str(asked.weights)
    if asked.size == "published":
        return str(save_published_size(folder))
    return str(save_tiny_chronos(folder, d_model=128, layers=4, patch=16, context=1024))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parquet", type=Path, nargs="?", help="real demand (default: synthetic)")
    parser.add_argument("--weights", help="a folder or gs://bucket/folder (default: a random model)")
    parser.add_argument("--size", choices=("small", "published"), default="small", help="of the random model")
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--days", type=int, default=730, help="of the synthetic demand")
    parser.add_argument("--horizon", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--batches", type=lambda text: [int(one) for one in text.split(",")], default=[BATCH_VARIATES], metavar="N,N"
    )
    return parser.parse_args()


def _line(batch: int, name: str, series: int, bare: _Cost, ours: _Cost) -> str:
    star = "*" if batch == BATCH_VARIATES else " "
    cells = [f"{batch:>7}{star}", f"{name:<15}"]
    cells += [f"{cost.seconds:>8.2f}" if cost.seconds else f"{'-':>8}" for cost in (bare, ours)]
    both = bare.seconds and ours.seconds
    cells.append(f"{ours.seconds / bare.seconds:>7.3f}" if both else f"{'-':>7}")  # type: ignore[operator]
    cells.append(f"{series / ours.seconds:>9.1f}" if ours.seconds else f"{'-':>9}")
    cells += [f"{cost.memory_mib:>9.0f}" if cost.memory_mib else f"{'-':>9}" for cost in (bare, ours)]
    return " ".join(cells) + "\n"


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        pipeline = load_pipeline(pinned(_weights(asked, Path(folder))), best_device())
    panel, history = real(asked.parquet, asked.series) if asked.parquet else synthetic(asked.series, asked.days)
    say, fallback = sys.stdout.write, StatisticalEngine()
    parameters = sum(tensor.numel() for tensor in pipeline.model.parameters())
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    say(
        f"{panel.series} series x {panel.days} days, {asked.horizon} ahead; {parameters:,} parameters, "
        f"{pipeline.model.dtype}, {where}, torch {torch.__version__}\n"
        f"   batch  sees              bare s engine s   ratio  series/s  bare MiB  engine MiB\n"
    )

    def bare(batch: int) -> Callable[[], object]:
        return lambda: alone(pipeline, panel, asked.horizon, batch)

    def ours(engine: Chronos2Engine) -> Callable[[], object]:
        return lambda: engine.forecast(panel, asked.horizon, DAILY_QUANTILES, history)

    for batch in sorted({BATCH_VARIATES, *asked.batches}):
        costs = _measured(asked.rounds, bare(batch), ours(Chronos2Engine(pipeline, fallback, batch_variates=batch)))
        say(_line(batch, "demand", panel.series, *costs))
    (cost,) = _measured(asked.rounds, ours(Chronos2Engine(pipeline, fallback, CalendarOnly(), choice="all")))
    say(_line(BATCH_VARIATES, "and calendar", panel.series, _Cost(None, None), cost))
    say(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB\n")


def alone(pipeline: Chronos2Pipeline, panel: Panel, horizon_days: int, batch: int) -> None:
    pipeline.predict_quantiles(
        panel.units[:, None, :],
        prediction_length=horizon_days,
        quantile_levels=list(DAILY_QUANTILES),
        batch_size=batch,
    )


if __name__ == "__main__":
    main()
