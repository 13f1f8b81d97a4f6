"""Series in batches that a model can take at once: of one shape, and smaller where memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecast_job.engines import OutOfGpuMemory

Rows = NDArray[np.int64]
P = TypeVar("P")
T = TypeVar("T")


def alike(used: NDArray[np.bool_], first: Rows) -> Iterator[tuple[NDArray[np.int64], Rows]]:
    """The series grouped by the covariates that they use: the columns of `used` (series x covariates), and the rows.

    Within a group those with a history of similar length stand together (`first`: each one's first day), so that a
    batch of short ones is as short as they are.
    """
    patterns, group = np.unique(used, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        rows = np.flatnonzero(group.reshape(-1) == index)
        yield np.flatnonzero(pattern), rows[np.argsort(first[rows], kind="stable")]


class ShrinkingBatches:
    """Batches of at most `variates` model rows, a series and each of its covariates being one. When memory runs out
    this is halved, for good: what was too much once would be so again.

    The model works in a thread of its own, on one batch at a time. Meanwhile the next one is prepared, and who iterates
    finishes the one before: no more than three of them are there at once, and they come in the order of the rows.
    """

    def __init__(self, variates: int, out_of_memory: type[BaseException], release: Callable[[], None]) -> None:
        self.variates = variates
        self._out_of_memory, self._release = out_of_memory, release

    def run(
        self, rows: Rows, variates_each: int, prepare: Callable[[Rows], P], predict: Callable[[P], T]
    ) -> Iterator[tuple[Rows, T]]:
        """Each batch of the rows with what `predict` makes of what `prepare` has made of it. Raises what the two raise,
        and OutOfGpuMemory when a single series is too much."""

        def cut(start: int) -> Rows:
            return rows[start : start + max(1, self.variates // variates_each)]

        start, batch = 0, cut(0)
        prepared = prepare(batch) if len(batch) else None
        finished: tuple[Rows, T] | None = None
        with ThreadPoolExecutor(1, "predicting") as model:
            while prepared is not None:
                working = model.submit(predict, prepared)
                following = cut(start + len(batch))
                prepared = prepare(following) if len(following) else None
                if finished is not None:
                    yield finished
                    finished = None
                result = self._result(working, single=len(batch) == 1)
                if result is not None:
                    finished = batch, result[0]
                    start, batch = start + len(batch), following
                    continue
                del working  # with the failed call's tensors, which its error holds
                self._release()
                self.variates = max(1, len(batch) * variates_each // 2)
                batch = cut(start)
                prepared = prepare(batch)
            if finished is not None:
                yield finished

    def _result(self, working: Future[T], *, single: bool) -> tuple[T] | None:
        """What the model has made; None where the memory did not suffice for it."""
        try:
            return (working.result(),)
        except self._out_of_memory as error:
            if single:
                raise OutOfGpuMemory("the memory does not suffice for a single series") from error
            return None
