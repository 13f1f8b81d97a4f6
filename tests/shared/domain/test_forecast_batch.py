"""Which task of a batch does what: every shard once, and of every task about as much."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.forecast_batch import ITEMS_OF_ONE_SHARD, planned_batch

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
SIZES = st.lists(st.one_of(st.none(), st.integers(0, 60_000)), min_size=1, max_size=80)


@given(SIZES, st.integers(0, 3))
def test_every_shard_is_one_tasks_in_every_attempt(sizes: list[int | None], attempt: int) -> None:
    batch = planned_batch("b", [(f"c{number}", "run", size) for number, size in enumerate(sizes)], NOW)
    done = [(each.run.client_id, each.index) for task in range(batch.tasks) for each in batch.shards_of(task, attempt)]
    assert sorted(done) == sorted((run.client_id, index) for run in batch.runs for index in range(run.shards))
    assert {run.client_id for run in batch.runs} == {f"c{number}" for number in range(len(sizes))}
    assert all(batch.shards_of(task) for task in range(batch.tasks))
    counts = [len(batch.shards_of(task)) for task in range(batch.tasks)]
    assert max(counts) - min(counts) <= 1


def test_small_clients_share_a_task_and_a_large_one_is_cut() -> None:
    small = planned_batch("b", [(f"c{number}", "run", 20) for number in range(50)], NOW)
    assert {run.shards for run in small.runs} == {1}
    assert small.tasks == 3
    large = planned_batch("b", [("large", "run", 10 * ITEMS_OF_ONE_SHARD), ("new", "run", None)], NOW)
    assert [(run.client_id, run.shards) for run in large.runs] == [("large", 10), ("new", 1)]
    assert large.tasks == 11


def test_a_second_attempt_comes_from_the_other_end() -> None:
    batch = planned_batch("b", [(f"c{number}", "run", 1) for number in range(3)], NOW)
    first, second, third = (batch.shards_of(0, attempt) for attempt in range(3))
    assert first == second[::-1] == third
