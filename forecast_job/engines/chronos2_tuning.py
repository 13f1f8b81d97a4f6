"""Fine-tuning of Chronos-2 by low-rank adapters (LoRA; Hu et al. 2021), merged into its weights.

What comes of it is a model like any other: it loads without the library of adapters and costs nothing more to forecast
with. The library trains a copy, on windows cut out of the series at random; the draw is the same for the same input.
"""

from __future__ import annotations

import importlib.util
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from chronos import Chronos2Pipeline
from transformers import set_seed
from transformers.trainer_callback import TrainerCallback

from forecast_job.engines import EngineUnavailable
from forecast_job.engines.chronos2_inputs import LEAST_KNOWN_DAYS, Prepared
from forecast_job.progress import JobProgress
from shared.domain.forecast_engine import FallbackCode

# A model of the published size takes about 100 MiB a variate to train in float32 (measured on a CPU). A machine without
# a GPU does not say that its memory is full, it ends the process.
BATCH_VARIATES = {"cuda": 256, "cpu": 32}  # 256 is the library's default
_REPORTS = 10


@dataclass(frozen=True)
class TuningSchedule:
    """How it is trained: `steps` batches, with a learning rate that falls to 0 in a line. The defaults are those that
    the library recommends for adapters."""

    steps: int = 1000
    learning_rate: float = 1e-5


def least_days(horizon_days: int) -> int:
    """How many days a series must have to be learned from."""
    return LEAST_KNOWN_DAYS + horizon_days


def tune(
    pipeline: Chronos2Pipeline,
    series: Sequence[Prepared],
    horizon_days: int,
    schedule: TuningSchedule,
    progress: JobProgress,
) -> Chronos2Pipeline:
    """A model trained to forecast `horizon_days` of the series, each of them `least_days` long; `pipeline` stays as it
    is. A batch that does not fit the memory is halved, and the training begins again.

    Raises EngineUnavailable without the library of adapters (it would train all weights instead), and the out-of-memory
    error when a batch of a single series is too much.
    """
    if importlib.util.find_spec("peft") is None:
        raise EngineUnavailable(
            FallbackCode.LIBRARY_MISSING, "fine-tuning needs peft, of the extra 'chronos' of pyproject.toml"
        )
    training = _Training(series, horizon_days, schedule, progress)
    batch = BATCH_VARIATES[pipeline.model.device.type]
    while True:
        tuned = training.attempt(pipeline, batch)
        if tuned is not None:
            return Chronos2Pipeline(tuned.model.merge_and_unload().eval())
        torch.cuda.empty_cache()  # out of the handler, where the failed training's tensors are let go
        batch //= 2
        progress.say("not enough memory: training begins again with half the batch", "WARNING", batch=batch)


@dataclass(frozen=True)
class _Training:
    """What is learned from, and how."""

    series: Sequence[Prepared]
    horizon_days: int
    schedule: TuningSchedule
    progress: JobProgress

    def attempt(self, pipeline: Chronos2Pipeline, batch: int) -> Chronos2Pipeline | None:
        """The trained model; None where the memory does not suffice for the batch."""
        set_seed(0)  # the library sets one too, but only after the adapters have drawn their first weights
        with tempfile.TemporaryDirectory(prefix="tuning-") as folder, warnings.catch_warnings():
            # peft asks transformers by an old name.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            try:
                return pipeline.fit(
                    self.series,
                    prediction_length=self.horizon_days,
                    finetune_mode="lora",
                    learning_rate=self.schedule.learning_rate,
                    num_steps=self.schedule.steps,
                    batch_size=batch,
                    min_past=LEAST_KNOWN_DAYS,
                    output_dir=folder,
                    callbacks=[_Reports(self.schedule.steps, self.progress)],
                    remove_printer_callback=True,
                    disable_tqdm=True,
                    logging_steps=max(1, self.schedule.steps // _REPORTS),
                    dataloader_pin_memory=pipeline.model.device.type == "cuda",
                )
            except torch.OutOfMemoryError:
                if batch == 1:
                    raise
                return None


class _Reports(TrainerCallback):  # type: ignore[misc]  # its library is not followed
    """A bar on a terminal, and the loss from time to time."""

    def __init__(self, steps: int, progress: JobProgress) -> None:
        self._progress = progress
        self._bar = progress.track(iter(range(steps)), "fine-tuning", steps)

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        next(self._bar, None)

    def on_step_end(self, *_: Any, **__: Any) -> None:
        next(self._bar, None)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        if "loss" in logs:
            self._progress.say("fine-tuning", step=state.global_step, loss=f"{logs['loss']:.4f}")
