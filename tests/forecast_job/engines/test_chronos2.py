"""The Chronos-2 engine with a tiny random model: what is sent to it, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from chronos import Chronos2Pipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines import Engine, OutOfGpuMemory
from forecast_job.engines.chronos2 import Chronos2Engine
from forecast_job.engines.chronos2_inputs import LEAST_KNOWN_DAYS
from forecast_job.engines.quantile_grid import mean_weights
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.engines.weights import CPU, GPU, Device, load_pipeline
from shared.bigquery.tables import DAILY_QUANTILES
from tests.support.chronos import QUANTILES
from tests.support.panels import FIRST, bare_panel, demand, panel_of
from tests.support.weights import pinned

pytestmark = pytest.mark.slow

CONTEXT_DAYS = 128  # of the tiny model
DAYS, HORIZON = 100, 20


class Watched(Chronos2Pipeline):  # type: ignore[misc]  # its library is not followed
    """The real pipeline, noting what its model is given; its memory holds `fits` variates at once.

    `sent`: batches of series, each with the `context` and the `future` of its variates. `spoil` changes what comes out.
    """

    def __init__(
        self,
        pipeline: Chronos2Pipeline,
        fits: int = 10_000,
        spoil: Callable[[torch.Tensor], None] = lambda _: None,
    ) -> None:
        super().__init__(pipeline.model)
        self.fits, self.spoil = fits, spoil
        self.sent: list[list[dict[str, np.ndarray]]] = []
        noting = pipeline.model.__class__.__new__(pipeline.model.__class__)
        noting.__dict__ = dict(pipeline.model.__dict__)
        noting.forward = partial(self._noted, pipeline.model)
        self.model = noting

    def _noted(self, model: Any, context: torch.Tensor, group_ids: torch.Tensor, **rest: Any) -> Any:
        groups, given = group_ids.numpy(), {"context": context, "future": rest["future_covariates"]}
        self.sent.append(
            [{name: rows.numpy()[groups == group] for name, rows in given.items()} for group in np.unique(groups)]
        )
        if len(context) > self.fits:
            raise torch.OutOfMemoryError
        made = model.forward(context=context, group_ids=group_ids, **rest)
        self.spoil(made.quantile_preds)
        return made

    @property
    def contexts(self) -> list[np.ndarray]:
        return [series["context"] for batch in self.sent for series in batch]


@dataclass(frozen=True)
class Known:
    """Covariates by name: series of the full panel by days, found again by item."""

    past: dict[str, np.ndarray]
    future: dict[str, np.ndarray] = field(default_factory=dict)

    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        rows = [int(item[1:]) for item in panel.item_ids]
        nothing = np.full((len(rows), horizon_days), np.nan, dtype=np.float32)
        return Covariates(
            {name: values[rows].astype(np.float32) for name, values in self.past.items()},
            {
                name: self.future[name][rows].astype(np.float32) if name in self.future else nothing
                for name in self.past
            },
        )


@pytest.fixture(scope="module")
def pipeline(tiny_weights: Path) -> Chronos2Pipeline:
    return load_pipeline(pinned(tiny_weights), CPU)


@pytest.fixture
def watched(pipeline: Chronos2Pipeline) -> Watched:
    return Watched(pipeline)


@pytest.fixture
def engine(watched: Watched) -> Chronos2Engine:
    return Chronos2Engine(watched, StatisticalEngine())


def _sold(series: int = 6, days: int = DAYS, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).poisson(4, (series, days)).astype(np.float32)


def _open(days: int = DAYS) -> ClientHistory:
    return ClientHistory(FIRST, np.full(days, 50.0))


def _forecast(engine: Engine, units: np.ndarray, rows: list[int] | None = None, horizon: int = HORIZON) -> np.ndarray:
    """Quantiles of all series, or of those rows of them alone."""
    panel = bare_panel(units) if rows is None else bare_panel(units).rows(np.array(rows))
    return engine.forecast(panel, horizon, DAILY_QUANTILES, _open(units.shape[1])).quantiles


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 13, 60, 200])),
        elements=st.one_of(st.just(0.0), st.just(np.nan), st.floats(0, 1e6, width=32)),
    ),
    st.sampled_from([1, 29, 90]),
)
@settings(max_examples=25)
def test_any_panel_gets_a_distribution(pipeline: Chronos2Pipeline, units: np.ndarray, horizon: int) -> None:
    history = ClientHistory(FIRST, (np.nan_to_num(units) > 0).sum(axis=0).astype(np.float64))
    forecast = Chronos2Engine(pipeline, StatisticalEngine()).forecast(
        bare_panel(units), horizon, DAILY_QUANTILES, history
    )
    assert forecast.quantiles.shape == (len(units), horizon, len(DAILY_QUANTILES))
    assert forecast.mean.shape == (len(units), horizon)
    for values in (forecast.quantiles, forecast.mean):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(forecast.quantiles, axis=2) >= 0).all()


def test_a_series_alone_is_forecast_as_in_any_batch(pipeline: Chronos2Pipeline) -> None:
    units = _sold()
    units[1, :30] = np.nan
    units[2, :70] = np.nan
    units[4, 40:50] = np.nan
    promoted = np.zeros_like(units)
    promoted[:, ::9] = 1
    source = Known({"promotion_flag": promoted})
    one = Chronos2Engine(pipeline, StatisticalEngine(), source)
    together = _forecast(one, units)
    assert np.ptp(together) > 1
    for row in range(len(units)):
        np.testing.assert_allclose(_forecast(one, units, [row])[0], together[row], rtol=1e-3, atol=1e-4)
    small = Chronos2Engine(pipeline, StatisticalEngine(), source, batch_variates=4)
    np.testing.assert_allclose(_forecast(small, units), together, rtol=1e-3, atol=1e-4)


def test_series_that_say_nothing_are_not_sent(watched: Watched, engine: Chronos2Engine) -> None:
    units = _sold(5)
    units[0] = np.nan
    units[1, : -LEAST_KNOWN_DAYS + 1] = np.nan
    units[2] = 0
    units[3, :-LEAST_KNOWN_DAYS] = np.nan
    result = _forecast(engine, units)
    assert len(watched.contexts) == 2
    fallback = _forecast(StatisticalEngine(), units)
    np.testing.assert_allclose(result[:3], fallback[:3], rtol=1e-4)
    assert not np.isclose(result[3:], fallback[3:], rtol=1e-4).all(axis=(1, 2)).any()


def test_each_series_says_which_engine_forecast_it(engine: Chronos2Engine) -> None:
    units = _sold(3)
    units[1] = 0
    forecast = engine.forecast(bare_panel(units), HORIZON, DAILY_QUANTILES, _open())
    assert forecast.engines == ("chronos2", "statistical", "chronos2")


def test_nothing_to_send_is_no_call(watched: Watched, engine: Chronos2Engine) -> None:
    _forecast(engine, np.zeros((3, DAYS)))
    assert watched.sent == []


def test_censored_days_are_sent_as_unknown_and_gaps_keep_their_days(watched: Watched, engine: Chronos2Engine) -> None:
    units = _sold(1)
    units[0, :10] = np.nan
    units[0, 50:60] = np.nan
    _forecast(engine, units)
    (context,) = watched.contexts
    np.testing.assert_array_equal(context[0], units[0, 10:])


def test_no_more_history_is_sent_than_the_model_sees(watched: Watched, engine: Chronos2Engine) -> None:
    units = _sold(2, 300)
    units[1, -CONTEXT_DAYS:] = np.nan
    result = _forecast(engine, units)
    (context,) = watched.contexts
    np.testing.assert_array_equal(context[0], units[0, -CONTEXT_DAYS:])
    np.testing.assert_allclose(result[1], _forecast(StatisticalEngine(), units)[1], rtol=1e-4)


def test_a_series_is_sent_with_the_covariates_that_tell_something(watched: Watched) -> None:
    """By default: what is known ahead, with the calendar; with `all`: whatever varies, and the calendar always."""
    units = _sold(3)
    promoted, price = np.zeros((3, DAYS)), np.full((3, DAYS), 9.5)
    promoted[0, ::10] = 1
    price[1, 60:] = 8.5
    promoted[2], price[2] = np.nan, np.nan
    planned = np.full((3, HORIZON), np.nan)
    planned[:, 3] = 1
    source = Known({"promotion_flag": promoted, "price": price}, {"promotion_flag": planned})
    _forecast(Chronos2Engine(watched, StatisticalEngine(), source), units)
    assert {context[0].tobytes(): len(context) for context in watched.contexts} == {
        sold.tobytes(): variates for sold, variates in zip(units, (3, 1, 1), strict=True)
    }
    watched.sent.clear()
    _forecast(Chronos2Engine(watched, StatisticalEngine(), source, choice="all"), units)
    by_demand = {context[0].tobytes(): context for context in watched.contexts}
    ahead = {each["context"][0].tobytes(): each["future"][:, :HORIZON] for batch in watched.sent for each in batch}
    weekend = np.isin((FIRST.weekday() + np.arange(DAYS + HORIZON)) % 7, (5, 6))
    for row, extra in ((0, promoted), (1, price), (2, None)):
        key = units[row].tobytes()
        sent = by_demand[key]
        assert len(sent) == (2 if extra is None else 3)
        np.testing.assert_array_equal(sent[1], weekend[:DAYS])
        np.testing.assert_array_equal(ahead[key][0], [np.nan] * HORIZON)
        np.testing.assert_array_equal(ahead[key][1], weekend[DAYS:])
        if extra is not None:
            np.testing.assert_array_equal(sent[2], extra[row].astype(np.float32))
    np.testing.assert_array_equal(ahead[units[0].tobytes()][2], planned[0])


def test_a_batch_holds_series_of_one_number_of_variates(watched: Watched) -> None:
    units = _sold(9)
    promoted = np.zeros((9, DAYS))
    promoted[::2, ::10] = 1
    engine = Chronos2Engine(watched, StatisticalEngine(), Known({"promotion_flag": promoted}), batch_variates=6)
    _forecast(engine, units)
    sizes = [{len(each["context"]) for each in batch} for batch in watched.sent]
    assert sorted(map(tuple, sizes)) == [(1,), (2,), (2,)]
    assert all(sum(len(each["context"]) for each in batch) <= 6 for batch in watched.sent)


def test_plans_for_the_days_ahead_change_the_forecast(pipeline: Chronos2Pipeline) -> None:
    units = _sold(2)
    promoted = np.zeros((2, DAYS))
    promoted[:, ::10] = 1
    planned = np.zeros((2, HORIZON))
    planned[0, 5:8] = 1
    without = _forecast(Chronos2Engine(pipeline, StatisticalEngine(), Known({"promotion_flag": promoted})), units)
    source = Known({"promotion_flag": promoted}, {"promotion_flag": planned})
    with_plan = _forecast(Chronos2Engine(pipeline, StatisticalEngine()).with_covariates(source), units)
    assert np.abs(with_plan[0] - without[0]).max() > 1e-3


def test_nothing_is_sold_on_closed_days(pipeline: Chronos2Pipeline) -> None:
    panel, history = panel_of(demand(200), 200)
    forecast = Chronos2Engine(pipeline, StatisticalEngine()).forecast(panel, 30, DAILY_QUANTILES, history)
    saturday = (history.weekdays(30)[200:] == 5).nonzero()[0]
    assert len(saturday) > 3
    assert not forecast.quantiles[:, saturday].any()
    assert not forecast.mean[:, saturday].any()
    assert forecast.mean.any(axis=1).all()


def test_levels_and_mean_are_the_models_own_grid(pipeline: Chronos2Pipeline) -> None:
    units = _sold(1)
    forecast = Chronos2Engine(pipeline, StatisticalEngine()).forecast(bare_panel(units), HORIZON, QUANTILES, _open())
    grid = forecast.quantiles[0]
    np.testing.assert_allclose(forecast.mean[0], grid @ mean_weights(QUANTILES), rtol=1e-5)
    assert np.abs(forecast.mean[0] - grid[:, QUANTILES.index(0.5)]).max() > 0.05
    asked = _forecast(Chronos2Engine(pipeline, StatisticalEngine()), units)[0]
    np.testing.assert_allclose(asked, grid[:, [QUANTILES.index(level) for level in DAILY_QUANTILES]], rtol=1e-5)


def test_the_model_is_asked_as_the_library_asks_it(pipeline: Chronos2Pipeline) -> None:
    units = _sold(4)
    units[1, :30] = np.nan
    units[2, 40:50] = np.nan
    promoted, planned = np.zeros((4, DAYS)), np.zeros((4, HORIZON))
    promoted[:, ::10], planned[:, 3] = 1, 1
    source = Known({"promotion_flag": promoted}, {"promotion_flag": planned})
    engine = Chronos2Engine(pipeline, StatisticalEngine(), source)
    made = engine.forecast(bare_panel(units), HORIZON, QUANTILES, _open()).quantiles
    weekend = np.isin((FIRST.weekday() + np.arange(DAYS + HORIZON)) % 7, (5, 6)).astype(np.float32)
    asked = [
        {
            "target": units[row, first:],
            "past_covariates": {"weekend": weekend[first:DAYS], "promoted": promoted[row, first:].astype(np.float32)},
            "future_covariates": {"weekend": weekend[DAYS:], "promoted": planned[row].astype(np.float32)},
        }
        for row, first in enumerate((0, 30, 0, 0))
    ]
    predicted = torch.cat(pipeline.predict(asked, prediction_length=HORIZON)).numpy()
    expected = np.sort(np.maximum(predicted.transpose(0, 2, 1), 0), axis=2)
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)


def test_without_memory_for_a_batch_it_is_halved(pipeline: Chronos2Pipeline) -> None:
    units = _sold(20)
    tight = Watched(pipeline, fits=7)
    result = _forecast(Chronos2Engine(tight, StatisticalEngine()), units)
    np.testing.assert_allclose(
        result, _forecast(Chronos2Engine(pipeline, StatisticalEngine()), units), rtol=1e-3, atol=1e-4
    )
    assert [len(batch) for batch in tight.sent] == [20, 10, 5, 5, 5, 5]


def test_without_memory_for_one_series_it_fails(pipeline: Chronos2Pipeline) -> None:
    with pytest.raises(OutOfGpuMemory):
        _forecast(Chronos2Engine(Watched(pipeline, fits=0), StatisticalEngine()), _sold())


def test_a_forecast_that_is_no_number_is_the_fallbacks(pipeline: Chronos2Pipeline) -> None:
    def spoil(predicted: torch.Tensor) -> None:
        predicted[1, 7, 3] = torch.inf

    units = _sold()
    result = _forecast(Chronos2Engine(Watched(pipeline, spoil=spoil), StatisticalEngine()), units)
    fallback = _forecast(StatisticalEngine(), units)
    assert np.isclose(result, fallback, rtol=1e-4).all(axis=(1, 2)).tolist() == [
        False,
        True,
        False,
        False,
        False,
        False,
    ]


def test_half_precision_forecasts_too(pipeline: Chronos2Pipeline, tiny_weights: Path) -> None:
    half = load_pipeline(pinned(tiny_weights), Device("cpu", GPU.dtype))
    units = _sold()
    precise = _forecast(Chronos2Engine(pipeline, StatisticalEngine()), units)
    np.testing.assert_allclose(_forecast(Chronos2Engine(half, StatisticalEngine()), units), precise, atol=1)
