"""Chronos-2 tuned on a client's own demand, kept only where it forecasts better than what it was made of.

    python -m forecast_job.finetune --client demo
    python -m forecast_job.finetune --client demo --steps 2000 --output gs://bucket/tried

STOCKCAST_CHRONOS_WEIGHTS and STOCKCAST_CHRONOS_SHA256 name the weights to begin with, as for the job. The last 28 days
are held back: both models forecast them as the job would have, and the one with the lower weighted quantile loss wins.
What is kept goes to `clients/{client_id}` within these weights, where the job looks first, with a manifest of its files
(engines/pinning.py). For a GPU: on two CPU cores the thousand steps take a night.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand import load
from forecast_job.demand.client_demand import google_in_one_line
from forecast_job.demand.covariates import Covariates, WarehouseCovariates
from forecast_job.demand.load import DemandSource
from forecast_job.demand.panel import Demand, HistoryTooShort, NoDemand, Panel, build_panel
from forecast_job.engines import EngineUnavailable
from forecast_job.engines.pinning import MANIFEST_FILE, Weights, manifest
from forecast_job.engines.registry import WEIGHTS_VARIABLE, covariate_choice, pinned_weights
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from forecast_job.scores import weighted_quantile_loss
from shared.bigquery.tables import DAILY_QUANTILES
from shared.bigquery.warehouse import Warehouse
from shared.config import Config, config
from shared.domain.errors import Invalid, StockcastError
from shared.domain.forecast_engine import FallbackCode
from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS
from shared.firestore.clients import Clients
from shared.firestore.driver import database

if TYPE_CHECKING:
    from chronos import Chronos2Pipeline

    from forecast_job.engines.chronos2_tuning import TuningSchedule

HELD_BACK_DAYS = 28
_ITEMS = 2_000
_RECORD_FILE = "tuning.json"


class NothingSold(Invalid):
    """Nothing was sold in the days that are held back to compare by."""

    code = "nothing_sold"


class TuningFailed(Invalid):
    """The training did not converge."""

    code = "tuning_failed"


@dataclass(frozen=True)
class TrainingExample:
    """What was known before the days that are held back, and what then `sold`: series x HELD_BACK_DAYS."""

    panel: Panel
    history: ClientHistory
    covariates: Covariates
    sold: Demand

    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        """The covariates of the example's own panel, read once for learning and for both scores."""
        if panel is not self.panel:
            raise ValueError("an example knows the covariates of its own panel only")
        return self.covariates


@dataclass(frozen=True)
class Verdict:
    """Weighted quantile loss of the days held back; lower is better."""

    base: float
    tuned: float

    @property
    def better(self) -> bool:
        return self.tuned < self.base

    def __str__(self) -> str:
        return f"WQL {self.tuned:.4f} against {self.base:.4f} of the base on the last {HELD_BACK_DAYS} days"


def read_example(source: DemandSource, client_id: str, items: int) -> TrainingExample:
    """Up to `items` of the client's items, drawn as the job draws its sample. Raises Invalid where they are too few or
    too young, or sold nothing in the days held back, and what BigQuery raises."""
    sample = load.sample_items(client_id, source.items())[:items]
    if not sample:
        raise NoDemand(f"{client_id} has no demand from {source.first} to {source.last}")
    history = source.history()
    panel, _ = build_panel(source.demand(sample), history.first, source.run_date)
    panel = panel.rows(panel.distinct())
    known = panel.days - HELD_BACK_DAYS
    sold = panel.units[:, known:]
    if known < DEFAULT_HORIZON_DAYS:
        raise HistoryTooShort(f"{client_id} has {panel.days} days of demand, which is too short a history")
    if not np.nansum(sold) > 0:
        raise NothingSold(f"nothing was sold in the last {HELD_BACK_DAYS} days: nothing to compare by")
    before = panel.until(known)
    covariates = WarehouseCovariates(source.warehouse).of(before, HELD_BACK_DAYS)
    return TrainingExample(before, history.until(known), covariates, sold)


def score(pipeline: Chronos2Pipeline, example: TrainingExample) -> float:
    """The weighted quantile loss of the days held back, forecast as the job would have."""
    from forecast_job.engines.chronos2 import Chronos2Engine

    engine = Chronos2Engine(pipeline, StatisticalEngine(), example, choice=covariate_choice())
    forecast = engine.forecast(example.panel, HELD_BACK_DAYS, DAILY_QUANTILES, example.history)
    return weighted_quantile_loss(example.sold, forecast.quantiles, DAILY_QUANTILES)


def finetune(
    weights: Weights, example: TrainingExample, schedule: TuningSchedule, folder: Path, progress: JobProgress
) -> Verdict:
    """Train on the example, write the model into the folder, and say how both forecast what was held back.

    The training is in full precision, the scores in the job's. Raises EngineUnavailable for weights that cannot be
    used, and Invalid when no series is long enough to learn from or the training came to nothing.
    """
    from forecast_job.engines import chronos2_tuning
    from forecast_job.engines.chronos2_inputs import build_inputs
    from forecast_job.engines.weights import best_device, full_precision, load_pipeline

    base = load_pipeline(weights, full_precision(best_device()))
    context_days = base.model_context_length
    inputs = build_inputs(example.panel, HELD_BACK_DAYS, example.history, example, context_days, covariate_choice())
    least = chronos2_tuning.least_days(DEFAULT_HORIZON_DAYS)
    rows = [row for row in inputs.worth_sending() if inputs.demand.shape[1] - inputs.first[row] >= least]
    if not rows:
        raise HistoryTooShort(f"no item has {least + HELD_BACK_DAYS} days of history to learn from")
    progress.say("learning", series=len(rows), steps=schedule.steps)
    series = [inputs.to_learn_from(row) for row in rows]
    chronos2_tuning.tune(base, series, DEFAULT_HORIZON_DAYS, schedule, progress).save_pretrained(folder)
    (folder / MANIFEST_FILE).write_text(manifest(folder))
    try:
        tuned = load_pipeline(Weights(str(folder), None), best_device())
    except EngineUnavailable as error:
        raise TuningFailed(f"the training came to nothing, try a lower rate: {error.detail}") from error
    return Verdict(score(load_pipeline(weights, best_device()), example), score(tuned, example))


def main(arguments: Sequence[str] | None = None, env: Mapping[str, str] = os.environ) -> int:
    """Tune, compare and keep or leave; returns the exit status: 0 for either, 1 when it could not be done."""
    options, progress = _parser().parse_args(arguments), JobProgress()
    try:
        with google_in_one_line():
            _run(config(), options, pinned_weights(env), progress)
    except (StockcastError, OSError) as error:
        line = " ".join(str(error).split())
        progress.say(f"no weights for {options.client}: {line}", "ERROR", client_id=options.client)
        return 1
    return 0


def _run(settings: Config, options: argparse.Namespace, weights: Weights, progress: JobProgress) -> None:
    try:
        from forecast_job.engines.chronos2_tuning import TuningSchedule
        from forecast_job.engines.weights import clients_folder, save
    except ImportError as error:
        detail = f"fine-tuning needs the extra 'chronos' of pyproject.toml: {error}"
        raise EngineUnavailable(FallbackCode.LIBRARY_MISSING, detail) from error
    client = Clients(database(settings)).get(options.client)
    today = client.today(dt.datetime.now(dt.UTC))
    source = DemandSource(
        Warehouse(settings, client.client_id), options.until + dt.timedelta(days=1) if options.until else today
    )
    own = clients_folder(weights.folder, client.client_id)
    target, schedule = options.output or own, TuningSchedule(options.steps, options.learning_rate)
    record: dict[str, object] = {"client_id": client.client_id, "last_day": source.last.isoformat()}
    record |= {"base": weights.folder, "base_sha256": weights.sha256}
    record |= {"items": options.items, "steps": schedule.steps, "learning_rate": schedule.learning_rate}
    with tempfile.TemporaryDirectory(prefix="tuned-") as name:
        folder, notes = Path(name) / "model", Path(name) / "notes"
        _note(record, notes, target)  # before hours of work: a place that cannot be written to is known at once
        example = read_example(source, client.client_id, options.items)
        verdict = finetune(weights, example, schedule, folder, progress)
        if verdict.better:
            save(folder, target)
        record |= {"wql_base": verdict.base, "wql_tuned": verdict.tuned, "kept": verdict.better}
        _note(record, notes, target)
    progress.say(f"{client.client_id}: {_ending(verdict, target, own)}", client_id=client.client_id)


def _note(record: Mapping[str, object], folder: Path, target: str) -> None:
    from forecast_job.engines.weights import save

    folder.mkdir(exist_ok=True)
    (folder / _RECORD_FILE).write_text(json.dumps(record, indent=2) + "\n")
    save(folder, target)


def _ending(verdict: Verdict, target: str, own: str) -> str:
    if not verdict.better:
        return f"not kept: {verdict}; the job goes on as it is. More --steps or another --learning-rate may do better"
    if target == own:
        return f"kept in {target}: {verdict}; every run with --engine chronos2 takes it from now on"
    return f"kept in {target}: {verdict}; the job takes it once its files are copied to {own}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m forecast_job.finetune",
        description=f"Tune Chronos-2 on a client's demand; kept only if it forecasts the last {HELD_BACK_DAYS} days "
        f"better than the weights in {WEIGHTS_VARIABLE}.",
    )
    parser.add_argument("--client", required=True, metavar="ID")
    parser.add_argument("--steps", type=_count, default=1000, help="batches to train on (default %(default)s)")
    parser.add_argument("--learning-rate", type=_rate, default=1e-5, help="(default %(default)s)")
    parser.add_argument("--items", type=_count, default=_ITEMS, help="items to learn from (default %(default)s)")
    parser.add_argument("--until", type=dt.date.fromisoformat, help="use the demand up to this day only")
    parser.add_argument(
        "--output",
        metavar="FOLDER|gs://BUCKET/FOLDER",
        help="where to put the weights (default: where the job looks for the client's)",
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1")
    return rate


if __name__ == "__main__":
    sys.exit(main())
