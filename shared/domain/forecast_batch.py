"""A batch: the forecast runs of several clients that one execution of the job works on, and which task does what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from shared.domain.errors import NotFound

# A shard learns the calibration afresh, so a few items are quickest in one; so many are done well within the hour.
ITEMS_OF_ONE_SHARD = 5_000
# What a client costs beside its items, in items: its history is read and its calibration learned.
_ITEMS_OF_A_CLIENT = 250
_MOST_TASKS = 100
KEPT_FOR = dt.timedelta(days=30)


class ForecastBatchNotFound(NotFound):
    """There is no such batch of forecast runs."""

    code = "forecast_batch_not_found"

    def __init__(self, batch_id: str) -> None:
        super().__init__(f"no batch {batch_id!r}")


@dataclass(frozen=True)
class BatchRun:
    """A client's run in a batch, cut into `shards`."""

    client_id: str
    run_id: str
    shards: int


@dataclass(frozen=True)
class BatchShard:
    """What a task does at a time: shard `index` of `run`."""

    run: BatchRun
    index: int


@dataclass(frozen=True)
class ForecastBatch:
    """Runs that one execution of `tasks` tasks works on; `execution` is its name, None until it has been started."""

    id: str
    runs: tuple[BatchRun, ...]
    tasks: int
    created_at: dt.datetime
    execution: str | None = None

    def shards_of(self, task: int, attempt: int = 0) -> list[BatchShard]:
        """What a task does, in its order.

        A second attempt comes from the other end: where one client's shard kills the task, the others are done first.
        """
        shards = [BatchShard(run, index) for run in self.runs for index in range(run.shards)][task :: self.tasks]
        return shards[::-1] if attempt % 2 else shards


def planned_batch(batch_id: str, items: Iterable[tuple[str, str, int | None]], now: dt.datetime) -> ForecastBatch:
    """A batch of these runs, each (client, run, items of the client; None: not known).

    Large clients come first and their shards are dealt out in turn, so that tasks have about as much to do.
    """
    sizes = sorted(((client_id, run_id, size or 0) for client_id, run_id, size in items), key=lambda each: -each[2])
    runs = tuple(
        BatchRun(client_id, run_id, max(1, ceil(size / ITEMS_OF_ONE_SHARD))) for client_id, run_id, size in sizes
    )
    work = sum(size + _ITEMS_OF_A_CLIENT for _, _, size in sizes)
    shards = sum(run.shards for run in runs)
    tasks = min(max(1, ceil(work / ITEMS_OF_ONE_SHARD)), shards, _MOST_TASKS)
    return ForecastBatch(batch_id, runs, tasks, now)
