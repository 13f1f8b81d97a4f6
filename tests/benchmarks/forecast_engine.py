"""What the job's Chronos-2 engine adds to the bare pipeline: on this machine, with random models that a CPU can bear.

The engine is the one of the registry with its defaults, the pipeline the library's own; both see the same series in
batches of the same size and answer the levels that are published. They take turns, and the best of some rounds counts.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch
from chronos import Chronos2Pipeline

from forecast_job.engines import Engine
from forecast_job.engines.chronos2 import BATCH_VARIATES
from forecast_job.engines.covariate_choice import CHOICE_VARIABLE, CovariateChoice
from forecast_job.engines.registry import engine_for
from forecast_job.engines.weights import best_device, load_pipeline
from forecast_job.progress import JobProgress
from shared.bigquery.tables import DAILY_QUANTILES
from shared.domain.forecast_engine import CHRONOS2
from tests.benchmarks.chronos import CalendarOnly, alone, synthetic
from tests.benchmarks.report import Row, Section, progress
from tests.support.chronos import save_tiny_chronos
from tests.support.weights import pinned, use_weights

_DAYS, _HORIZON_DAYS = 730, 90
_ROUNDS = 5
_MOST_SERIES = 2048
_RATIO_LIMIT = 1.3
# Name, size of the model, share of the series that it is given.
_MODELS: tuple[tuple[str, dict[str, int], int], ...] = (
    ("the tests' model, sees 128 days", {}, 1),
    ("a larger one, sees 730 days", {"d_model": 128, "layers": 4, "patch": 16, "context": 1024}, 8),
)


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """Two models: one so small that nearly all of the time is preparation, and one that computes for a while."""
    section = Section(
        "forecast_engine",
        f"Chronos-2: the job's engine and the bare pipeline, {_HORIZON_DAYS} days ahead, batches of {BATCH_VARIATES}",
        ("series", "bare s", "engine s", "ratio", "series/s", "calendar s", "calendar ratio"),
    )
    torch.set_num_threads(1)  # two of them wait for each other on a machine that is busy, and then that is measured
    section.begin()
    for name, size, share in _MODELS:
        series = min(max(sizes), _MOST_SERIES) // share
        with tempfile.TemporaryDirectory() as folder:
            progress(f"{series:,} series, {name}")
            section.add(_row(name, save_tiny_chronos(Path(folder), **size), series))
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "a CPU; no GPU was at hand"
    section.note(
        f"Synthetic demand of {_DAYS} days, random weights, {where}; one thread; the best of {_ROUNDS} rounds in turn. "
        "`ratio` is engine / bare: the job's defaults, with which demand alone is sent of these series. `calendar`: "
        "with STOCKCAST_CHRONOS_COVARIATES=all, three variates a series."
    )
    yield section


def _row(name: str, folder: Path, series: int) -> Row:
    panel, history = synthetic(series, _DAYS)
    pipeline = load_pipeline(pinned(folder), best_device())

    def forecast(engine: Engine) -> Callable[[], object]:
        return lambda: engine.forecast(panel, _HORIZON_DAYS, DAILY_QUANTILES, history)

    works = (
        lambda: alone(pipeline, panel, _HORIZON_DAYS, BATCH_VARIATES),
        forecast(_engine(folder, "events")),
        forecast(_engine(folder, "all")),
    )
    bare, ours, calendar = _best(works)
    return Row(
        f"{name}, {_parameters(pipeline):,} parameters",
        {
            "series": series,
            "bare s": bare,
            "engine s": ours,
            "ratio": ours / bare,
            "series/s": round(series / ours),
            "calendar s": calendar,
            "calendar ratio": calendar / bare,
        },
        {"ratio": _RATIO_LIMIT},
    )


def _engine(folder: Path, choice: CovariateChoice) -> Engine:
    """As a run of the job has it, of a client of whose days nothing is known but the calendar."""
    with pytest.MonkeyPatch.context() as patch:
        use_weights(patch, folder)
        patch.setenv(CHOICE_VARIABLE, choice)
        chosen = engine_for(CHRONOS2, fallback=True, progress=JobProgress(interactive=False))
    return chosen.engine.with_covariates(CalendarOnly())


def _best(works: Sequence[Callable[[], object]]) -> list[float]:
    """The least seconds of each."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS):
        for taken, work in zip(seconds, works, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return [min(taken) for taken in seconds]


def _parameters(pipeline: Chronos2Pipeline) -> int:
    return sum(tensor.numel() for tensor in pipeline.model.parameters())
