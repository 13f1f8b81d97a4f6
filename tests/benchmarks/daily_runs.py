"""`python -m tests.benchmarks.daily_runs`: a night of many small clients and one that is slow, on the real local parts.

Every client has `--items` items with 60 days of sales. The slow one's first step is held for `--slow` seconds, as by a
source that does not answer; forecasts wait for it for `--wait` seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from functions.etl import daily
from functions.forecast import batches
from shared.config import config
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.driver import database
from shared.firestore.forecast_batches import ForecastBatches
from shared.firestore.forecast_runs import ForecastRuns
from shared.tasks.operations import Operations
from tests.support.running import everything
from tests.support.tenants import TestClient


@dataclass(frozen=True)
class Night:
    """When each client's run had ended, in seconds after the call, and the executions that forecast."""

    call_s: float
    ended_s: dict[str, float]
    tasks_of_batches: tuple[int, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--slow", type=float, default=60.0)
    parser.add_argument("--wait", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, everything(Path(folder)) as running:
        os.environ["STOCKCAST_FORECAST_WAIT_SECONDS"] = str(given.wait)
        config.cache_clear()
        clients = [running.new_client() for _ in range(given.clients + 1)]
        for client in clients:
            client.sell_daily({f"item {number}": number + 1 for number in range(given.items)})
        night = _night(clients, given.slow)
    slow = clients[-1].client_id
    others = sorted(seconds for client_id, seconds in night.ended_s.items() if client_id != slow)
    print(f"the call: {night.call_s:.2f} s for {len(clients)} clients")
    print(f"{given.clients} clients ended after {others[0]:.1f} to {others[-1]:.1f} s")
    print(f"the slow one after {night.ended_s[slow]:.1f} s")
    print(f"executions: {len(night.tasks_of_batches)}, with {night.tasks_of_batches} tasks")


def _night(clients: list[TestClient], slow_s: float) -> Night:
    stopped = threading.Event()
    minute = threading.Thread(target=_minutes, args=(stopped,))
    minute.start()
    moment = dt.datetime.now(dt.UTC).replace(hour=12)
    began = time.perf_counter()
    _hold(clients[-1], moment, slow_s)
    daily.start_due(config(), moment)
    call_s = time.perf_counter() - began
    ended: dict[str, float] = {}
    runs: dict[str, Operation] = {}
    while len(ended) < len(clients):
        for client in clients:
            if client.client_id not in ended:
                run = Operations(client.tenant).get(f"daily-{moment.date()}")
                if run.finished:
                    ended[client.client_id], runs[client.client_id] = time.perf_counter() - began, run
        time.sleep(0.5)
    stopped.set()
    minute.join()
    broken = {client_id: run.error for client_id, run in runs.items() if run.status is not OperationStatus.SUCCEEDED}
    assert not broken, broken
    return Night(call_s, ended, _batches(clients, runs))


def _minutes(stopped: threading.Event) -> None:
    """The scheduler's minute, every second."""
    while not stopped.wait(1.0):
        batches.launch_due(config(), dt.datetime.now(dt.UTC))


def _hold(client: TestClient, moment: dt.datetime, seconds: float) -> None:
    """Have the client's first step be at work for so long, by a worker that does nothing."""

    def hold() -> None:
        operations, run_id = Operations(client.tenant), f"daily-{moment.date()}"
        clock = partial(dt.datetime.now, dt.UTC)
        while (run := operations.find(run_id)) is None or not run.steps or run.steps[0].operation_id is None:
            time.sleep(0.02)
        operations.change(str(run.steps[0].operation_id), lambda step: step.claimed(clock()))
        time.sleep(seconds)
        operations.change(
            str(run.steps[0].operation_id), lambda step: step.succeeded(dt.datetime.now(dt.UTC), {}, None)
        )

    threading.Thread(target=hold, daemon=True).start()


def _batches(clients: list[TestClient], runs: dict[str, Operation]) -> tuple[int, ...]:
    ids: dict[str, None] = {}
    for client in clients:
        step = next(step for step in runs[client.client_id].steps if step.name.value == "forecast")
        run = ForecastRuns(client.tenant).get(str(step.operation_id))
        if run is not None and run.batch_id is not None:
            ids[run.batch_id] = None
    return tuple(ForecastBatches(database(config())).get(batch_id).tasks for batch_id in ids)


if __name__ == "__main__":
    main()
