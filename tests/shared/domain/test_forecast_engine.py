"""Why another engine than the requested one made a run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.forecast_engine import CHAMPION, CHRONOS2, ENGINES, STATISTICAL, FallbackCode, shard_fallback

_FAILURES = st.none() | st.sampled_from(FallbackCode)


@given(st.sampled_from(ENGINES), st.integers(0, 5), st.integers(0, 5), _FAILURES)
def test_a_shard_fell_back_only_where_the_engine_forecast_nothing(
    requested: str, by_it: int, by_another: int, failure: FallbackCode | None
) -> None:
    by_engine = {requested: by_it, "another": by_another}
    reason = shard_fallback(requested, by_engine, failure)
    leaves_series = requested not in (STATISTICAL, CHAMPION)  # the champion's series have the names of its candidates
    assert (reason is not None) == (leaves_series and by_it == 0 and by_another > 0)
    if reason is not None:
        assert reason.code is (failure or FallbackCode.HISTORY_TOO_SHORT)
        assert f"of {by_another} series" in reason.detail


def test_a_few_short_series_are_no_reason() -> None:
    assert shard_fallback(CHRONOS2, {CHRONOS2: 1, STATISTICAL: 99}, FallbackCode.ENGINE_FAILED) is None
