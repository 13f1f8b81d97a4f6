"""What made a run: its shards may differ, be repeated, and do better when they are tried again."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.forecast_engine import CHRONOS2, STATISTICAL, FallbackCode, FallbackReason
from shared.domain.forecast_run import ForecastRun, ShardResult

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
REASON = FallbackReason(code=FallbackCode.OUT_OF_MEMORY, detail="the model does not fit")


def _run(shards: int, reason: FallbackReason | None = None) -> ForecastRun:
    asked = ForecastRun("run", NOW.date(), None, frozenset(), NOW, engine=CHRONOS2, requested_engine=CHRONOS2)
    return asked.begun(shards, CHRONOS2 if reason is None else STATISTICAL, reason)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=6), st.booleans(), st.data())
def test_a_run_is_the_requested_engines_only_where_each_shard_is(
    shards: list[tuple[bool, int]], first_fell_back: bool, data: st.DataObject
) -> None:
    """`shards`: whether it fell back, and how many series it has."""
    run = _run(len(shards), REASON if first_fell_back else None)
    order = data.draw(st.permutations(range(len(shards))))
    for index in order:
        fell_back, series = shards[index]
        result = ShardResult(series, {STATISTICAL if fell_back else CHRONOS2: series}, REASON if fell_back else None)
        assert not run.published
        run = run.with_shard(index, result, NOW)
        assert run.with_shard(index, ShardResult(5, {"again": 5}), NOW) is run
    assert run.published
    assert run.items == run.series == sum(series for _, series in shards)
    assert run.fallback_reason == (REASON if any(fell_back for fell_back, _ in shards) else None)
    by_engine = {
        name: sum(series for fell_back, series in shards if (STATISTICAL if fell_back else CHRONOS2) == name)
        for name in (CHRONOS2, STATISTICAL)
    }
    assert run.series_by_engine == {name: series for name, series in by_engine.items() if series}
    if run.fallback_reason is None:
        assert run.engine == CHRONOS2
    elif run.series:
        assert by_engine[run.engine] == max(by_engine.values())


def test_a_retry_that_has_the_engine_takes_the_reason_back() -> None:
    begun = _run(2, REASON)
    assert (begun.engine, begun.fallback_reason) == (STATISTICAL, REASON)
    done = begun.with_shard(1, ShardResult(3, {CHRONOS2: 2, STATISTICAL: 1}), NOW)
    assert (done.engine, done.fallback_reason) == (CHRONOS2, None)
