"""The limit of requests: nobody is refused too early, and little passes too late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.rate_limit import TELL_EVERY_S, ClientMinute, RateLimit, minute_of, seconds_left

LIMITS = st.integers(1, 60).map(RateLimit)
# Which of four instances a request comes to, and how long after the one before.
REQUESTS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 4)), max_size=150)


def _play(limit: RateLimit, requests: list[tuple[int, float]], tell: bool = True) -> tuple[list[bool], int, int]:
    """Whether each request passed, how many times an instance told, and what was never told."""
    instances = [ClientMinute(0)] * 4
    document = tells = 0
    now_s, passed = 0.0, []
    for number, pause in requests:
        now_s += pause
        instance = instances[number]
        passed.append(instance.remaining(limit) > 0)
        if passed[-1]:
            instance = instance.with_request()
        untold = instance.untold(limit, now_s)
        if untold and tell:
            document += untold
            tells += 1
            instance = instance.telling(now_s).after_telling(untold, document)
        instances[number] = instance
    return passed, tells, sum(instance.own - instance.told for instance in instances)


@given(LIMITS, REQUESTS)
def test_nobody_is_refused_before_the_limit(limit: RateLimit, requests: list[tuple[int, float]]) -> None:
    passed, _, _ = _play(limit, requests)
    for number, admitted in enumerate(passed):
        assert admitted or sum(passed[:number]) >= limit.requests


@given(LIMITS, REQUESTS)
def test_what_passes_beyond_the_limit_was_untold_or_came_before_it_was_heard(
    limit: RateLimit, requests: list[tuple[int, float]]
) -> None:
    passed, _, _ = _play(limit, requests)
    assert sum(passed) <= 4 * limit.requests  # each instance holds to it by itself
    alone, _, _ = _play(limit, [(0, pause) for _, pause in requests])
    assert sum(alone) == min(limit.requests, len(requests))


@given(LIMITS, REQUESTS)
def test_when_all_have_told_the_sum_is_known(limit: RateLimit, requests: list[tuple[int, float]]) -> None:
    document, instances = 0, [ClientMinute(0)] * 4
    for number, _ in requests:
        if instances[number].remaining(limit) > 0:
            instances[number] = instances[number].with_request()
    for _ in range(2):  # the second time, each hears of those that told after it
        for number, instance in enumerate(instances):
            document += instance.own - instance.told
            instances[number] = instance.after_telling(instance.own - instance.told, document)
    assert {instance.remaining(limit) for instance in instances} == {max(0, limit.requests - document)}


@given(LIMITS, REQUESTS)
def test_an_instance_tells_every_few_seconds_at_most_and_nothing_of_little(
    limit: RateLimit, requests: list[tuple[int, float]]
) -> None:
    _, tells, _ = _play(limit, requests)
    lasted = sum(pause for _, pause in requests)
    assert tells <= 4 * (1 + lasted / TELL_EVERY_S)
    if len(requests) <= limit.quiet:
        assert tells == 0


@given(st.floats(0, 1e10))
def test_a_minute_is_that_of_the_clock(now_s: float) -> None:
    assert minute_of(now_s) * 60 <= now_s < (minute_of(now_s) + 1) * 60
    assert 1 <= seconds_left(now_s) <= 60
    assert minute_of(now_s + seconds_left(now_s)) == minute_of(now_s) + 1
