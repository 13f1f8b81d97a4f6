"""Series in batches that a model can take at once: of one shape, and smaller where memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecast_job.engines import OutOfGpuMemory

Rows = NDArray[np.int64]
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
    this is halved, for good: what was too much once would be so again."""

    def __init__(self, variates: int, out_of_memory: type[BaseException], release: Callable[[], None]) -> None:
        self.variates = variates
        self._out_of_memory, self._release = out_of_memory, release

    def run(self, rows: Rows, variates_each: int, predict: Callable[[Rows], T]) -> Iterator[tuple[Rows, T]]:
        """Each batch of the rows with what `predict` makes of it. Raises OutOfGpuMemory when a single series is too
        much."""
        start = 0
        while start < len(rows):
            batch = rows[start : start + max(1, self.variates // variates_each)]
            result = self._try(batch, predict)
            if result is not None:
                yield batch, result[0]
                start += len(batch)
                continue
            self._release()  # out of the handler, where the failed call's tensors are let go
            self.variates = max(1, len(batch) * variates_each // 2)

    def _try(self, batch: Rows, predict: Callable[[Rows], T]) -> tuple[T] | None:
        try:
            return (predict(batch),)
        except self._out_of_memory as error:
            if len(batch) == 1:
                raise OutOfGpuMemory("the memory does not suffice for a single series") from error
            return None
