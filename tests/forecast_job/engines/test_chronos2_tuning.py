"""Fine-tuning with a tiny random model: it learns, its result is a model like any other, memory runs out in peace."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from chronos import Chronos2Pipeline

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines import EngineUnavailable
from forecast_job.engines.chronos2_inputs import Inputs, build_inputs
from forecast_job.engines.chronos2_tuning import TuningSchedule, least_days, tune
from forecast_job.engines.weights import CPU, load_pipeline
from forecast_job.progress import JobProgress
from tests.support.panels import FIRST, bare_panel
from tests.support.weights import pinned

pytestmark = pytest.mark.slow

DAYS, HORIZON, SERIES = 140, 21, 6
QUIET = JobProgress(interactive=False)


@pytest.fixture(scope="module")
def pipeline(tiny_weights: Path) -> Chronos2Pipeline:
    return load_pipeline(pinned(tiny_weights), CPU)


def _weekly() -> np.ndarray:
    """The same week again and again, of another size for each series."""
    week = np.tile(np.array([9, 1, 0, 2, 5, 0, 0]), DAYS // 7)
    return (week * np.arange(1, SERIES + 1)[:, None]).astype(np.float32)


def _inputs(units: np.ndarray, known: dict[str, np.ndarray] | None = None) -> Inputs:
    class Source:
        def of(self, panel: Panel, horizon_days: int) -> Covariates:
            past = known or {}
            ahead = np.full((panel.series, horizon_days), np.nan, dtype=np.float32)
            return Covariates(past, dict.fromkeys(past, ahead))

    history = ClientHistory(FIRST, np.full(units.shape[1], 50.0))
    return build_inputs(bare_panel(units), HORIZON, history, None if known is None else Source(), 128, "all")


def _learned(pipeline: Chronos2Pipeline, steps: int = 30, rate: float = 0.03) -> Chronos2Pipeline:
    inputs = _inputs(_weekly())
    series = [inputs.to_learn_from(row) for row in range(SERIES)]
    return tune(pipeline, series, HORIZON, TuningSchedule(steps, rate), QUIET)


def test_the_loss_falls_and_what_is_learned_is_a_model_like_any_other(
    pipeline: Chronos2Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name: tensor.clone() for name, tensor in pipeline.model.state_dict().items()}
    learned = _learned(pipeline)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    losses = [float(line["loss"]) for line in lines if "loss" in line]
    assert len(losses) == 10
    assert losses[-1] < 0.8 * losses[0]
    assert all(torch.equal(before[name], tensor) for name, tensor in pipeline.model.state_dict().items())
    learned.save_pretrained(tmp_path)
    loaded = load_pipeline(pinned(tmp_path), CPU)
    assert set(loaded.model.state_dict()) == set(before)
    context = [torch.from_numpy(_weekly()[2])]
    (new,), (same,), (old,) = (one.predict(context, HORIZON) for one in (loaded, learned, pipeline))
    torch.testing.assert_close(new, same)
    assert (new - old).abs().max() > 0.1


def test_it_learns_the_same_again(pipeline: Chronos2Pipeline) -> None:
    one, other = (_learned(pipeline, steps=2).model.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_without_memory_for_a_batch_training_begins_again_with_half(
    pipeline: Chronos2Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    class Tight(Chronos2Pipeline):  # type: ignore[misc]  # its library is not followed
        def fit(self, *arguments: Any, batch_size: int, **options: Any) -> Chronos2Pipeline:
            if batch_size > 8:
                raise torch.OutOfMemoryError
            return super().fit(*arguments, batch_size=batch_size, **options)

    _learned(Tight(pipeline.model), steps=1)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["batch"] for line in lines if line["severity"] == "WARNING"] == [16, 8]


def test_without_memory_for_a_single_series_it_fails(pipeline: Chronos2Pipeline) -> None:
    class Full(Chronos2Pipeline):  # type: ignore[misc]
        def fit(self, *arguments: Any, **options: Any) -> Chronos2Pipeline:
            raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        _learned(Full(pipeline.model))


def test_without_the_library_of_adapters_nothing_is_trained(
    pipeline: Chronos2Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match="needs peft"):
        _learned(pipeline)


def test_a_series_is_learned_from_with_its_covariates_and_the_calendar_known_ahead() -> None:
    units = _weekly()
    units[1, :30] = np.nan
    units[1, 60:65] = np.nan
    promoted = np.zeros_like(units)
    promoted[1, ::9] = 1
    price = np.full_like(units, 3)
    price[0, 50:] = 2
    inputs = _inputs(units, {"promotion_flag": promoted, "price": price})
    weekend = np.isin((FIRST.weekday() + np.arange(DAYS)) % 7, (5, 6))[-128:]
    series: list[dict[str, Any]] = [inputs.to_learn_from(row) for row in range(3)]
    with_price, with_promotion, with_calendar = series
    context = with_promotion["context"].numpy()
    start = 30 - (DAYS - 128)
    np.testing.assert_array_equal(context, [units[1, 30:], promoted[1, 30:], weekend[start:]])
    assert (with_promotion["n_targets"], with_promotion["n_covariates"], with_promotion["n_future_covariates"]) == (
        1,
        2,
        1,
    )
    np.testing.assert_array_equal(with_price["context"].numpy()[1], price[0, -128:])
    assert with_price["n_future_covariates"] == 1
    np.testing.assert_array_equal(with_calendar["context"].numpy(), [units[2, -128:], weekend])


def test_how_long_a_series_must_be_is_what_the_library_takes(pipeline: Chronos2Pipeline) -> None:
    for days, enough in ((least_days(HORIZON), True), (least_days(HORIZON) - 1, False)):
        series = [_inputs(_weekly()[:, :days]).to_learn_from(0)]
        if enough:
            tune(pipeline, series, HORIZON, TuningSchedule(1), QUIET)
        else:
            with pytest.raises(ValueError, match="longer time series"):
                tune(pipeline, series, HORIZON, TuningSchedule(1), QUIET)
