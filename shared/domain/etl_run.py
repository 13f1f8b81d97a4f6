"""A run of a client's whole chain: its sources in, checked, forecast, shown. It is an operation with steps.

Each step is an operation of its own, and the run moves on when one of these ends. A sync that fails holds up no other
source: what the others bring is checked and shown, and the run, which has failed then, is retried from that sync on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.access.client import Client
from shared.domain.errors import Conflict
from shared.domain.operation import (
    FINISHED,
    REFRESH_FAILED,
    SOURCE_UNREACHABLE,
    Operation,
    OperationStatus,
    Progress,
    RunStep,
    StepName,
)

STARTS_AT = dt.time(2)  # of the client's clock: its day is over, and what its systems do at midnight is done
# A run that is still out after so long is given up for the next day's.
GIVEN_UP_AFTER = dt.timedelta(hours=20)
SYNCED = tuple(StepName)[: tuple(StepName).index(StepName.VALIDATE)]
_ALWAYS = tuple(StepName)[len(SYNCED) :]
_FAILED_STATUSES = FINISHED - {OperationStatus.SUCCEEDED}


class RunInProgress(Conflict):
    """A run of the client is in progress; there is one at a time."""

    code = "run_in_progress"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} is in progress: wait for its end, or cancel it")


@dataclass(frozen=True)
class EtlRunRequest:
    """A run that somebody asks for. `date` is the client's day: what is forecast begins with it, whenever that is."""

    run_id: str
    date: dt.date
    steps: tuple[RunStep, ...]
    created_by: str
    created_at: dt.datetime
    source_ids: tuple[str, ...] | None = None

    @property
    def parameters(self) -> Mapping[str, Any]:
        """As the operation's parameters."""
        return {"date": self.date.isoformat(), "source_ids": None if self.source_ids is None else [*self.source_ids]}


def daily_run_id(date: dt.date) -> str:
    """The id of the daily run of a day: there is one, however often it is asked for."""
    return f"daily-{date.isoformat()}"


def due(client: Client, now: dt.datetime) -> dt.date | None:
    """The day whose daily run is to be there by now; None: not before STARTS_AT of the client's clock.

    A clock that jumps over that hour has passed it, and one that passes it twice has one day all the same.
    """
    local = now.astimezone(ZoneInfo(client.timezone))
    return local.date() if client.active and local.time() >= STARTS_AT else None


def planned_steps(entities: Iterable[tuple[StepName, str]]) -> tuple[RunStep, ...]:
    """The steps of a run whose sources bring these entities, each (entity, source): in the order of StepName."""
    order = list(SYNCED)
    syncs = sorted(set(entities), key=lambda each: (order.index(each[0]), each[1]))
    return (*(RunStep(name, source_id) for name, source_id in syncs), *(RunStep(name) for name in _ALWAYS))


def current_position(run: Operation) -> int | None:
    """The position of the step that the run is at; None: there is none left."""
    waiting = (number for number, step in enumerate(run.steps) if step.status not in FINISHED)
    return next(waiting, None)


def is_before_forecast(run: Operation) -> bool:
    """Whether the run will ask for a forecast and has not yet."""
    return not run.finished and any(
        step.name is StepName.FORECAST and step.status is OperationStatus.PENDING for step in run.steps
    )


def step_operation_id(run: Operation, position: int) -> str:
    """The id of the operation for the step's next attempt: the same however often that is started."""
    step = run.steps[position]
    return f"{run.id}-{position + 1}-{step.name.value}-{step.attempts + 1}"


def begun(run: Operation, position: int, operation_id: str, now: dt.datetime) -> Operation:
    """The run with that step given to an operation."""
    step = run.steps[position]
    started = replace(step, status=OperationStatus.RUNNING, operation_id=operation_id, attempts=step.attempts + 1)
    return replace(
        _with_step(run, position, started),
        status=OperationStatus.RUNNING,
        started_at=run.started_at or now,
        step=_title(step),
        progress=Progress(position, len(run.steps)),
    )


def moved_on(run: Operation, position: int, done_by: Operation, now: dt.datetime) -> Operation:
    """The run after the operation of that step: the same while it goes on.

    It goes on without a sync that failed, as long as another one may succeed, and has failed in the end then. Any other
    step that fails ends it.
    """
    if not done_by.finished:
        return run
    step, status = run.steps[position], done_by.status
    error = done_by.error or {}
    if step.name is StepName.FORECAST and error.get("code") == REFRESH_FAILED:
        status = OperationStatus.SUCCEEDED  # it is published; that lists do not show it is for the next step to say
    if status is OperationStatus.SUCCEEDED:
        after = _with_step(run, position, replace(step, status=status))
    else:
        cancelled = status is OperationStatus.CANCELLED
        reason = "it was cancelled; retry the run to go on from there" if cancelled else error.get("detail")
        ended = replace(step, status=status, detail=reason or "it failed without a reason")
        after = _without_what_needs(_with_step(run, position, ended), ended, error.get("code"))
    after = replace(after, progress=Progress(sum(each.status in FINISHED for each in after.steps), len(after.steps)))
    if current_position(after) is not None and not _is_stopped(after, step):
        return after
    return _failed(after, now) if failed_steps(after) else after.succeeded(now, {"steps": len(run.steps)}, None)


def failed_steps(run: Operation) -> list[RunStep]:
    """The steps that failed, were cancelled, or were left out for those."""
    return [step for step in run.steps if step.status in _FAILED_STATUSES]


def is_partial_run(run: Operation) -> bool:
    """Whether a run that has failed did so for some of its sources only: the rest is in, and lists show it."""
    return (
        run.status is OperationStatus.FAILED and bool(run.steps) and run.steps[-1].status is OperationStatus.SUCCEEDED
    )


def tried_again(run: Operation) -> Operation:
    """A run that failed, about to do what was not done, and all that is computed from it; raises NotRetryable."""
    run.check_retryable()
    undone = [step.status is not OperationStatus.SUCCEEDED for step in run.steps]
    first = undone.index(True)
    syncs_again = run.steps[first].name in SYNCED
    steps = [
        replace(step, status=OperationStatus.PENDING, operation_id=None, detail=None)
        if undone[number] or (syncs_again and step.name not in SYNCED)
        else step
        for number, step in enumerate(run.steps)
    ]
    return replace(run.retried(), steps=tuple(steps))


def cancelled(run: Operation, now: dt.datetime) -> Operation:
    """The run, and the step that it is at, cancelled; raises OperationFinished."""
    stopped, position = run.cancelled(now), current_position(run)
    if position is None:
        return stopped
    return _with_step(stopped, position, replace(run.steps[position], status=OperationStatus.CANCELLED))


def given_up(run: Operation, successor_id: str, now: dt.datetime) -> Operation:
    """The run ended for the one that follows it."""
    detail = f"it was still out after {GIVEN_UP_AFTER.total_seconds() / 3600:g} hours, when run {successor_id} began"
    return run.failed(now, "superseded", detail)


def _is_stopped(run: Operation, step: RunStep) -> bool:
    """Whether the end of that step ends the run: it is no sync and failed, or the last sync and none has succeeded."""
    if step.name not in SYNCED:
        return any(each.name is step.name for each in failed_steps(run))
    syncs = {each.status for each in run.steps if each.name in SYNCED}
    return not syncs & {OperationStatus.PENDING, OperationStatus.RUNNING, OperationStatus.SUCCEEDED}


def _without_what_needs(run: Operation, failed: RunStep, code: str | None) -> Operation:
    """The run without the steps that cannot be done, or not well, after this one has failed.

    A source that does not answer is not asked for its other records: each would be tried for ten minutes. Days without
    a source's sales would count as days on which it sold nothing, so there is no forecast without them.
    """
    steps = list(run.steps)
    for number, step in enumerate(steps):
        if step.status is OperationStatus.PENDING and code == SOURCE_UNREACHABLE and step.source_id == failed.source_id:
            steps[number] = _left_out(step, f"not read: {step.source_id} does not answer")
    unsold = [
        str(step.source_id) for step in steps if step.name is StepName.SALES_HISTORY and step.status in _FAILED_STATUSES
    ]
    for number, step in enumerate(steps):
        if step.status is OperationStatus.PENDING and step.name is StepName.FORECAST and unsold:
            steps[number] = _left_out(step, f"not done without the sales of {', '.join(unsold)}: the last one serves")
    return replace(run, steps=tuple(steps))


def _left_out(step: RunStep, why: str) -> RunStep:
    return replace(step, status=OperationStatus.CANCELLED, detail=why)


def _failed(run: Operation, now: dt.datetime) -> Operation:
    tried = [step for step in failed_steps(run) if step.operation_id is not None]
    cancelled = all(step.status is OperationStatus.CANCELLED for step in tried)
    detail = "; ".join(f"{_title(step)}: {step.detail}" for step in tried)
    return run.failed(now, "step_cancelled" if cancelled else "step_failed", detail)


def _title(step: RunStep) -> str:
    return step.name.value if step.source_id is None else f"{step.name.value} of {step.source_id}"


def _with_step(run: Operation, position: int, step: RunStep) -> Operation:
    return replace(run, steps=(*run.steps[:position], step, *run.steps[position + 1 :]))
