"""Batches: every series once, of one shape, smaller after memory ran out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_job.engines import OutOfGpuMemory
from forecast_job.engines.batches import ShrinkingBatches, alike


class FullError(Exception):
    """The memory of these tests is full."""


@given(arrays(np.bool_, st.tuples(st.integers(0, 20), st.integers(0, 3))))
def test_series_of_a_group_use_the_same_covariates_and_stand_by_length(used: np.ndarray) -> None:
    first = np.random.default_rng(len(used)).integers(0, 9, len(used))
    groups = list(alike(used, first))
    assert sorted(row for _, rows in groups for row in rows) == list(range(len(used)))
    for names, rows in groups:
        assert all(np.flatnonzero(used[row]).tolist() == names.tolist() for row in rows)
        assert (np.diff(first[rows]) >= 0).all()


@given(st.integers(0, 50), st.integers(1, 7), st.integers(1, 40), st.integers(1, 20))
def test_each_row_is_forecast_once_however_little_fits(rows: int, each: int, variates: int, fits: int) -> None:
    tried: list[int] = []

    def predict(batch: list[int]) -> list[int]:
        tried.append(len(batch))
        if len(batch) > fits:
            raise FullError
        return [-row for row in batch]

    released: list[None] = []
    batches = ShrinkingBatches(variates, FullError, lambda: released.append(None))
    done = list(batches.run(np.arange(rows), each, np.ndarray.tolist, predict))
    assert [row for batch, _ in done for row in batch] == list(range(rows))
    assert all((-batch).tolist() == result for batch, result in done)
    assert len(released) == sum(size > fits for size in tried)
    assert all(len(batch) == 1 or len(batch) * each <= variates for batch, _ in done)


def _as_it_is(batch: np.ndarray) -> np.ndarray:
    return batch


def test_the_next_batch_is_prepared_and_the_last_one_finished_while_the_model_works() -> None:
    """Each batch waits in the model until the next one is prepared, and the one before is handed out."""
    prepared, handed_out = [threading.Event() for _ in range(4)], [threading.Event() for _ in range(4)]

    def prepare(batch: np.ndarray) -> int:
        prepared[batch[0]].set()
        return int(batch[0])

    def predict(row: int) -> int:
        assert threading.current_thread() is not threading.main_thread()
        assert row == 3 or prepared[row + 1].wait(10)
        assert row == 0 or handed_out[row - 1].wait(10)
        assert not any(event.is_set() for event in prepared[row + 2 :])  # one ahead, no more
        return row

    for batch, row in ShrinkingBatches(1, FullError, lambda: None).run(np.arange(4), 1, prepare, predict):
        assert batch.tolist() == [row]
        handed_out[row].set()


@pytest.mark.parametrize("fails", ["prepare", "predict"])
def test_what_fails_is_raised_after_the_model_has_ended(fails: str) -> None:
    working: list[str] = []

    def step(name: str) -> Callable[[np.ndarray], np.ndarray]:
        def act(batch: np.ndarray) -> np.ndarray:
            working.append(name)
            if name == fails and batch[0] == 1:
                raise ValueError(name)
            working.remove(name)
            return batch

        return act

    with pytest.raises(ValueError, match=fails):
        list(ShrinkingBatches(1, FullError, lambda: None).run(np.arange(5), 1, step("prepare"), step("predict")))
    assert working == [fails]


def test_a_size_that_was_too_much_is_not_tried_again() -> None:
    tried: list[int] = []

    def predict(batch: np.ndarray) -> int:
        tried.append(len(batch))
        if len(batch) > 3:
            raise FullError
        return 0

    batches = ShrinkingBatches(16, FullError, lambda: None)
    for _ in batches.run(np.arange(9), 1, _as_it_is, predict):
        pass
    assert tried == [9, 4, 2, 2, 2, 2, 1]
    assert batches.variates == 2


def test_one_series_that_is_too_much_is_an_error() -> None:
    def predict(batch: np.ndarray) -> None:
        raise FullError

    with pytest.raises(OutOfGpuMemory):
        list(ShrinkingBatches(8, FullError, lambda: None).run(np.arange(5), 1, _as_it_is, predict))
