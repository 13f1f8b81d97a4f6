from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from infra.delivery.decision import Counts, Health, Judgement, Limits, Move, judged, next_move

LIMITS = Limits()
COUNTS = st.builds(
    lambda requests, share, p95: Counts(requests, round(requests * share), p95),
    st.integers(0, 100_000),
    st.floats(0, 1),
    st.none() | st.floats(0, 60_000),
)
JUDGEMENTS = st.lists(st.sampled_from(Health).map(lambda health: Judgement(health, "")), min_size=1)


@given(COUNTS, COUNTS)
def test_more_errors_than_the_threshold_are_worse_in_any_sample(new: Counts, old: Counts) -> None:
    usual = old.error_rate if old.requests >= LIMITS.sample else 0
    over = new.errors > max(LIMITS.errors, new.requests * max(LIMITS.error_rate, LIMITS.error_ratio * usual))
    assert not over or judged(new, old, LIMITS).health is Health.WORSE


@given(COUNTS, COUNTS)
def test_a_small_sample_is_never_good(new: Counts, old: Counts) -> None:
    small = replace(new, requests=min(new.requests, LIMITS.sample - 1), errors=min(new.errors, LIMITS.sample - 1))
    assert judged(small, old, LIMITS).health is not Health.GOOD


@given(COUNTS)
def test_as_good_as_before_is_good(old: Counts) -> None:
    enough = replace(old, requests=old.requests + LIMITS.sample)
    assert judged(enough, enough, LIMITS).health is Health.GOOD


def test_twice_as_slow_is_worse_where_somebody_minds() -> None:
    old = Counts(100, 0, 600)
    assert judged(Counts(100, 0, 1_201), old, LIMITS).health is Health.WORSE
    assert judged(Counts(100, 0, 1_200), old, LIMITS).health is Health.GOOD
    assert judged(Counts(100, 0, 900), Counts(100, 0, 10), LIMITS).health is Health.GOOD


@given(JUDGEMENTS, st.floats(0, 10_000))
def test_no_more_traffic_unless_all_are_good_for_long_enough(judgements: list[Judgement], waited_s: float) -> None:
    move = next_move(judgements, waited_s, LIMITS)
    all_good = {judgement.health for judgement in judgements} == {Health.GOOD}
    assert (move is Move.FORWARD) == (all_good and waited_s >= LIMITS.watch_s)


@given(JUDGEMENTS)
def test_waiting_ends(judgements: list[Judgement]) -> None:
    assert next_move(judgements, LIMITS.patience_s, LIMITS) is not Move.WAIT


@given(JUDGEMENTS, st.floats(0, 10_000))
def test_one_that_is_worse_sends_all_back_at_once(judgements: list[Judgement], waited_s: float) -> None:
    assert next_move([*judgements, Judgement(Health.WORSE, "")], waited_s, LIMITS) is Move.BACK
