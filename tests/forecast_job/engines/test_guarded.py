"""A series on which the engine fails is the fallback's; every other one is as if it had not been there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates, CovariateSource
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly, Engine, EngineUnavailable, OutOfGpuMemory
from forecast_job.engines.guarded import FAILED_IN_A_ROW, guarded, most_frequent_failure
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from shared.domain.errors import Unavailable
from shared.domain.forecast_engine import FallbackCode
from tests.support.panels import FIRST, bare_panel

HORIZON, LEVELS = 3, (0.1, 0.5)
SHOP = ClientHistory(FIRST, np.full(20, 5.0))
ERRORS = (ZeroDivisionError, np.linalg.LinAlgError, RuntimeError, IndexError, KeyError, ValueError)


@dataclass
class Fragile(DemandOnly):
    """Forecasts the last day's units; raises where an item is among `bad`, and forecasts NaN for those in `empty`."""

    bad: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    error: Callable[[str], Exception] = ValueError
    name: str = "fragile"
    calls: list[int] = field(default_factory=list)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        self.calls.append(panel.series)
        if found := self.bad & set(panel.item_ids):
            raise self.error(f"cannot\nforecast {min(found)}")
        last = panel.units[:, -1].copy()
        last[[item in self.empty for item in panel.item_ids]] = np.nan
        mean = np.tile(last[:, None], (1, horizon_days))
        return DailyForecast(np.tile(mean[:, :, None], (1, 1, len(quantiles))), mean)


@dataclass
class Seeing(Fragile):
    """One that takes covariates, and cannot do without."""

    source: CovariateSource | None = None

    def with_covariates(self, source: CovariateSource) -> Seeing:
        return Seeing(self.bad, self.empty, self.error, self.name, self.calls, source)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        assert self.source is not None
        self.source.of(panel, horizon_days)
        return super().forecast(panel, horizon_days, quantiles, history)


@dataclass
class Source:
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        self.asked.append(panel.item_ids)
        return Covariates({}, {})


def panel_of(series: int) -> Panel:
    units = np.tile(np.arange(series, dtype=np.float32)[:, None], (1, SHOP.days))
    return bare_panel(units)


def forecast(engine: Engine, series: int) -> DailyForecast:
    safe = guarded(engine, StatisticalEngine(), JobProgress(interactive=False))
    return safe.forecast(panel_of(series), HORIZON, LEVELS, SHOP)


def items(rows: set[int]) -> frozenset[str]:
    return frozenset(f"I{row}" for row in rows)


@given(st.integers(0, 40), st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)), st.sampled_from(ERRORS))
def test_only_the_series_it_fails_on_are_the_fallbacks(
    series: int, bad: set[int], empty: set[int], error: Callable[[str], Exception]
) -> None:
    made = forecast(Fragile(items(bad), items(empty), error), series)
    alone = StatisticalEngine().forecast(panel_of(series), HORIZON, LEVELS, SHOP)
    assert made.quantiles.shape == (series, HORIZON, len(LEVELS))
    for row in range(series):
        by_fallback = row in bad | empty
        assert made.engines[row] == ("statistical" if by_fallback else "fragile")
        # In a smaller panel sums are rounded otherwise.
        np.testing.assert_allclose(made.mean[row], alone.mean[row] if by_fallback else [row] * HORIZON, rtol=1e-5)
        expected = alone.quantiles[row] if by_fallback else np.full((HORIZON, len(LEVELS)), row)
        np.testing.assert_allclose(made.quantiles[row], expected, rtol=1e-5)


def test_it_is_said_once_how_many_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    forecast(Fragile(items({3, 17, 18})), 64)
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["severity"], line["engine"], line["series"]) == ("WARNING", "fragile", 3)
    assert line["message"] == (
        "engine fragile failed on 3 of 64 series, 'I3' at '*' among them, which the statistical engine forecasts "
        "instead: ValueError: cannot forecast I18"
    )


def test_an_engine_that_does_not_fail_is_asked_once_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    engine = Fragile()
    forecast(engine, 64)
    assert engine.calls == [64]
    assert capsys.readouterr().out == ""


def test_a_failing_series_is_found_with_few_calls() -> None:
    engine = Fragile(items({700}))
    forecast(engine, 1024)
    assert len(engine.calls) == 1 + 2 * 10
    assert sum(engine.calls) < 3 * 1024


def test_an_engine_that_always_fails_is_not_asked_for_each_series() -> None:
    engine = Fragile(items(set(range(1000))))
    made = forecast(engine, 1000)
    assert len(engine.calls) == FAILED_IN_A_ROW
    assert set(made.engines) == {"statistical"}


@pytest.mark.parametrize(
    "error", [EngineUnavailable(FallbackCode.WEIGHTS_MISSING, "no weights"), MemoryError(), OSError()]
)
def test_what_is_not_a_series_fault_passes(error: BaseException) -> None:
    def give(_: str) -> Exception:
        raise error

    with pytest.raises(type(error)):
        forecast(Fragile(items({1}), error=give), 4)


def test_one_that_takes_covariates_still_does_and_another_stays_itself() -> None:
    progress, source = JobProgress(interactive=False), Source()
    blind = guarded(Fragile(), StatisticalEngine(), progress)
    assert blind.with_covariates(source) is blind
    seeing = guarded(Seeing(items({1})), StatisticalEngine(), progress)
    made = seeing.with_covariates(source).forecast(panel_of(2), HORIZON, LEVELS, SHOP)
    assert made.engines == ("fragile", "statistical")
    assert most_frequent_failure(seeing) is FallbackCode.ENGINE_FAILED  # counted by all copies of the engine together
    assert most_frequent_failure(blind) is most_frequent_failure(StatisticalEngine()) is None
    assert source.asked == [("I0", "I1"), ("I0",), ("I1",)]


def test_a_series_that_does_not_fit_the_memory_is_told_apart() -> None:
    engine = guarded(Fragile(items({1}), error=OutOfGpuMemory), StatisticalEngine(), JobProgress(interactive=False))
    engine.forecast(panel_of(2), HORIZON, LEVELS, SHOP)
    assert most_frequent_failure(engine) is FallbackCode.OUT_OF_MEMORY


def test_the_fallback_is_not_its_own_fallback() -> None:
    engine = StatisticalEngine()
    assert guarded(engine, StatisticalEngine(), JobProgress(interactive=False)) is engine


def test_series_that_the_engine_gave_to_another_stay_that_ones() -> None:
    class Sharing(Fragile):
        def forecast(
            self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
        ) -> DailyForecast:
            made = super().forecast(panel, horizon_days, quantiles, history)
            return DailyForecast(made.quantiles, made.mean, tuple("other" for _ in panel.item_ids))

    assert forecast(Sharing(items({0})), 3).engines == ("statistical", "other", "other")


@pytest.mark.parametrize("series", [2, 40])
def test_a_required_engine_that_fails_on_everything_is_broken(series: int) -> None:
    panel = panel_of(series)
    broken = Fragile(frozenset(panel.item_ids), error=RuntimeError)
    with pytest.raises(Unavailable, match="engine fragile failed on every series: RuntimeError: cannot forecast"):
        guarded(broken, StatisticalEngine(), JobProgress(interactive=False), required=True).forecast(
            panel, HORIZON, LEVELS, SHOP
        )
    nearly = Fragile(frozenset(panel.item_ids[1:]), error=RuntimeError)
    made = guarded(nearly, StatisticalEngine(), JobProgress(interactive=False), required=True).forecast(
        panel, HORIZON, LEVELS, SHOP
    )
    assert made.engines == ("fragile", *("statistical",) * (series - 1))
