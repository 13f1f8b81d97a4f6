"""The operation state machine: claims, leases, endings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Conflict
from shared.domain.operation import FINISHED, LEASE, Counts, Operation, OperationStatus, Progress

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
PENDING = Operation("op", "metrics_refresh", OperationStatus.PENDING, NOW, "user")

_ENDINGS: dict[OperationStatus, Callable[[Operation], Operation]] = {
    OperationStatus.SUCCEEDED: lambda one: one.succeeded(NOW, {"items": 3}, Counts(3, 2, 1)),
    OperationStatus.FAILED: lambda one: one.failed(NOW, "source_empty", "no rows"),
    OperationStatus.CANCELLED: lambda one: one.cancelled(NOW),
}


def test_a_claim_starts_the_operation_and_holds_it_for_the_lease() -> None:
    claimed = PENDING.claimed(NOW)
    assert (claimed.status, claimed.attempt, claimed.started_at) == (OperationStatus.RUNNING, 1, NOW)
    assert claimed.lease_until == NOW + LEASE


def test_a_held_operation_cannot_be_claimed_until_its_lease_is_over() -> None:
    claimed = PENDING.claimed(NOW)
    with pytest.raises(Conflict) as held:
        claimed.claimed(NOW + LEASE - SECOND)
    assert held.value.code == "operation_claimed"
    again = claimed.claimed(NOW + LEASE)
    assert (again.attempt, again.started_at) == (2, NOW)


def test_progress_renews_the_lease() -> None:
    later = NOW + LEASE - SECOND
    advanced = PENDING.claimed(NOW).advanced("loading", Progress(1, 3), later)
    assert (advanced.step, advanced.progress, advanced.lease_until) == ("loading", Progress(1, 3), later + LEASE)
    assert advanced.attempt == 1


def test_a_released_operation_can_be_claimed_at_once() -> None:
    assert PENDING.claimed(NOW).released().claimed(NOW + SECOND).attempt == 2


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_a_finished_operation_is_neither_claimed_nor_cancelled(status: OperationStatus) -> None:
    finished = _ENDINGS[status](PENDING.claimed(NOW))
    assert (finished.status, finished.finished_at, finished.lease_until) == (status, NOW, None)
    for move in (finished.claimed, finished.cancelled):
        with pytest.raises(Conflict) as refused:
            move(NOW + 2 * LEASE)
        assert refused.value.code == "operation_finished"
        assert status.value in refused.value.detail


def test_a_pending_operation_can_be_cancelled() -> None:
    assert PENDING.cancelled(NOW).status is OperationStatus.CANCELLED


def test_a_failure_says_why_and_keeps_counts_known_before() -> None:
    counted = PENDING.claimed(NOW).failed(NOW, "first", "one", Counts(3, 2, 1))
    assert counted.error == {"code": "first", "detail": "one"}
    assert counted.failed(NOW, "second", "two").counts == Counts(3, 2, 1)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 2 * 10**9))
def test_counts_always_add_up(accepted: int, rejected: int, read: int) -> None:
    assert Counts(accepted + rejected, accepted, rejected).read == accepted + rejected
    if accepted + rejected != read:
        with pytest.raises(ValueError, match="rejected records are not"):
            Counts(read, accepted, rejected)


@given(st.lists(st.tuples(st.sampled_from(["claim", "advance", "release"]), st.integers(0, 200)), max_size=20))
def test_no_two_workers_hold_a_lease_at_once(moves: list[tuple[str, int]]) -> None:
    """Whatever happens in whatever order, a claim succeeds only when no lease is running, and counts one attempt."""
    operation, now = PENDING, NOW
    for move, seconds in moves:
        now += dt.timedelta(seconds=seconds)
        leased = operation.lease_until is not None and now < operation.lease_until
        if move == "claim" and leased:
            with pytest.raises(Conflict):
                operation.claimed(now)
        elif move == "claim":
            claimed = operation.claimed(now)
            assert claimed.attempt == operation.attempt + 1
            operation = claimed
        elif move == "advance" and leased:
            operation = operation.advanced("step", Progress(), now)
        elif move == "release":
            operation = operation.released()
