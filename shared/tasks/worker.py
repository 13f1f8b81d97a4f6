"""Working on an operation: claim it, report progress, finish it. Safe to run twice and to be killed half-way.

Cloud Tasks calls again after any answer but 2xx. So a permanent failure is recorded and answered with 200; a temporary
one is released and answered with 503; an operation that another worker holds is answered with 409.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.domain.errors import Conflict, StockcastError, Unavailable
from shared.domain.operation import Counts, Operation, OperationStatus, Progress
from shared.domain.outbox_entry import OutboxEntry
from shared.tasks.metrics_refresh import RefreshRequest, await_refresh
from shared.tasks.operations import Operations
from shared.telemetry.logs import log
from shared.telemetry.work_record import note

# The last attempt records the failure. The queue (infra/terraform) delivers more often than this, because deliveries
# that are refused while a dead worker's lease runs out count there.
MAX_ATTEMPTS = 8
_PROGRESS_S = 2.0
_WORTH_ANOTHER_TRY = (Conflict.status, Unavailable.status)

Clock = Callable[[], dt.datetime]


class LeaseLost(Conflict):
    """Another worker has taken the operation over."""

    code = "lease_lost"


class StepFailed(Unavailable):
    """A step failed and will be tried again."""

    code = "step_failed"


@dataclass(frozen=True)
class OperationOutcome:
    """What a finished operation leaves: its result and, for an import, its counts."""

    result: Mapping[str, Any]
    counts: Counts | None = None


class OperationCancelledError(Exception):
    """A user cancelled the operation while it was worked on."""


class LeaseLostError(Exception):
    """Another worker has taken the operation over."""


class Reporter:
    """Tells how far a claimed operation is; each report renews the lease."""

    def __init__(self, operations: Operations, operation: Operation, clock: Clock) -> None:
        self._operations = operations
        self._operation = operation
        self._clock = clock
        self._said, self._say_again = "", 0.0

    def step(self, name: str, done: int = 0, total: int | None = None, counts: Counts | None = None) -> None:
        """Now at `name`; `counts`, once known, stay with the operation even if it fails later.

        Raises OperationCancelledError after a user's cancel, LeaseLostError when superseded. Of a step that says where
        it is again and again, most is left out: a write for each batch would take longer than the batch.
        """
        if counts is None and name == self._said and time.monotonic() < self._say_again:
            return
        self._said, self._say_again = name, time.monotonic() + _PROGRESS_S

        def advance(current: Operation) -> Operation:
            if current.status is OperationStatus.CANCELLED:
                raise OperationCancelledError
            if current.attempt != self._operation.attempt:
                raise LeaseLostError(f"attempt {current.attempt} has taken over operation {current.id}")
            advanced = current.advanced(name, Progress(done, total), self._clock())
            return advanced if counts is None else replace(advanced, counts=counts)

        self._operations.change(self._operation.id, advance)

    def renew(self) -> None:
        """Hold the lease for longer, where the work itself can say nothing meanwhile; raises what `step` raises."""

        def renewed(current: Operation) -> Operation:
            if current.attempt != self._operation.attempt:
                raise LeaseLostError(f"attempt {current.attempt} has taken over operation {current.id}")
            return current.advanced(current.step or "", current.progress, self._clock())

        self._operations.change(self._operation.id, renewed)

    def await_refresh(self, request: RefreshRequest, outcome: OperationOutcome) -> OutboxEntry | None:
        """All is stored: end the operation when a metrics refresh has brought it into the lists, and not before.

        Returns the task of the refresh, to be delivered. Whoever calls this returns None from its work.
        """

        def await_it(current: Operation, refresh_id: str) -> Operation:
            if current.attempt != self._operation.attempt:
                raise LeaseLostError(f"attempt {current.attempt} has taken over operation {current.id}")
            return current.awaiting(refresh_id, outcome.result, outcome.counts, self._clock())

        return await_refresh(self._operations.tenant, self._operation.id, request, await_it)

    def checkpoint(self, plan: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep `plan` as the operation's result before carrying it out, and return it.

        When an earlier attempt kept one, that one is returned: what it changed before it died would not count again.
        """

        def keep(current: Operation) -> Operation:
            if current.attempt != self._operation.attempt:
                raise LeaseLostError(f"attempt {current.attempt} has taken over operation {current.id}")
            return current if current.result is not None else replace(current, result=plan)

        kept = self._operations.change(self._operation.id, keep).result
        return plan if kept is None else kept


def run(
    operations: Operations,
    operation_id: str,
    work: Callable[[Operation, Reporter], OperationOutcome | None],
    clock: Clock,
) -> OperationStatus:
    """Claim the operation, do `work`, record its outcome; returns its status.

    Work that returns None has started something that continues elsewhere and ends the operation there.
    Raises Conflict while another worker holds it and Unavailable when it should be tried again.
    """
    current = operations.get(operation_id)
    if current.finished or current.awaits is not None:
        return current.status
    if current.tries >= MAX_ATTEMPTS and current.lease_until is not None and current.lease_until <= clock():
        # Every attempt was killed before it could say so: out of memory, most likely.
        _fail(operations, current, "worker_killed", f"the worker died {current.tries} times", clock, pages=True)
        return OperationStatus.FAILED
    claimed = operations.change(operation_id, lambda operation: operation.claimed(clock()))
    note(kind=claimed.kind, attempt=claimed.attempt)
    try:
        outcome = work(claimed, Reporter(operations, claimed, clock))
    except OperationCancelledError:
        return OperationStatus.CANCELLED
    except LeaseLostError as error:
        raise LeaseLost(str(error)) from error
    except Exception as error:
        if isinstance(error, StockcastError) and error.status not in _WORTH_ANOTHER_TRY:
            _fail(operations, claimed, error.code, error.detail, clock, pages=error.pages)
            return OperationStatus.FAILED
        if claimed.tries >= MAX_ATTEMPTS:
            pages = error.pages if isinstance(error, StockcastError) else True
            if pages:
                log("ERROR", "operation failed for good", error=error, operation=operation_id, kind=claimed.kind)
            code = error.code if isinstance(error, StockcastError) else "internal_error"
            said = f": {error.detail}" if isinstance(error, StockcastError) else ""
            _fail(operations, claimed, code, f"gave up after {claimed.tries} attempts{said}", clock, pages=pages)
            return OperationStatus.FAILED
        log("WARNING", "operation will be tried again", error=error, operation=operation_id, attempt=claimed.attempt)
        operations.change(operation_id, lambda operation: operation if operation.finished else operation.released())
        raise StepFailed("the step failed and will be tried again") from error
    if outcome is None:
        return OperationStatus.RUNNING
    done = operations.change(
        operation_id,
        lambda operation: (
            operation if operation.finished else operation.succeeded(clock(), outcome.result, outcome.counts)
        ),
    )
    return done.status


def _fail(operations: Operations, claimed: Operation, code: str, detail: str, clock: Clock, *, pages: bool) -> None:
    """End the operation. A client's bad file, or his system that is down, is a warning with a metric of its own."""
    operations.change(
        claimed.id,
        lambda operation: operation if operation.finished else operation.failed(clock(), code, detail, claimed.counts),
    )
    owner, operation, kind = operations.tenant.client_id, claimed.id, claimed.kind
    if pages:
        log("ERROR", "operation failed", operation=operation, client_id=owner, kind=kind, code=code, detail=detail)
    else:
        # Its detail, which the operation keeps, may quote the file.
        log("WARNING", "operation failed", operation=operation, client_id=owner, kind=kind, code=code)
