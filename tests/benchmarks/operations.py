"""Waiting for asynchronous runs, and how long their steps took."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.operation import Operation, OperationStatus
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from tests.benchmarks.clients import Client

_POLL_S = 0.2
_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Run:
    """A successful operation; its steps as they were seen by polling."""

    operation: Operation
    seconds: float
    steps: Mapping[str, float]

    @property
    def steps_shown(self) -> str:
        return ", ".join(f"{step} {seconds:.1f} s" for step, seconds in self.steps.items())


def finished(tenant: Tenant, answer: bytes) -> Run:
    """The run that a request answered with, once it has ended; raises RuntimeError unless it succeeded."""
    operation_id = json.loads(answer)["id"]
    deadline = time.monotonic() + _PATIENCE_S
    seen: list[tuple[str, float]] = []
    while True:
        operation = Operations(tenant).get(operation_id)
        now = time.monotonic()
        if operation.step is not None and operation.step not in dict(seen):
            seen.append((operation.step, now))
        if operation.finished or now > deadline:
            break
        time.sleep(_POLL_S)
    started, ended = operation.started_at, operation.finished_at
    if operation.status is not OperationStatus.SUCCEEDED or started is None or ended is None:
        raise RuntimeError(f"the operation did not succeed: {operation}")
    ends = [moment for _, moment in seen[1:]] + [now]
    steps = {step: end - begun for (step, begun), end in zip(seen, ends, strict=True)}
    return Run(operation, round((ended - started).total_seconds(), 2), steps)


def refresh(tenant: Tenant, client: Client) -> Run:
    """A metrics refresh, from its start to its end."""
    return finished(tenant, client.call("POST", "/inventory/metrics/refresh", b"{}"))
