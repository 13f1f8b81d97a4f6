"""Working on an operation: once, resumable, and with an end in every case."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.connectors.connector import SourceUnreachable
from shared.domain.errors import Conflict, Unavailable
from shared.domain.imports.source_shrinkage import SourceEmpty
from shared.domain.operation import LEASE, Counts, Operation, OperationRequest, OperationStatus, Progress
from shared.tasks import worker
from shared.tasks.operations import Operations
from shared.tasks.worker import MAX_ATTEMPTS, OperationOutcome, Reporter
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
Work = Callable[[Operation, Reporter], OperationOutcome | None]


class Job:
    """An operation, a clock that is set by hand, and what its workers did."""

    def __init__(self, client: TestClient) -> None:
        self.operations = Operations(client.tenant)
        started, _ = self.operations.start(OperationRequest("import", "etl", "/internal/x", "user", NOW))
        self.id = started.id
        self.now = NOW

    def run(self, work: Work) -> str:
        return worker.run(self.operations, self.id, work, lambda: self.now)

    @property
    def operation(self) -> Operation:
        return self.operations.get(self.id)

    def later(self, delay: dt.timedelta) -> None:
        self.now += delay


@pytest.fixture
def job(client: TestClient) -> Job:
    return Job(client)


def succeed(_: Operation, __: Reporter) -> OperationOutcome:
    return OperationOutcome({"rows": 3}, Counts(3, 2, 1))


def fail(error: Exception) -> Work:
    def work(_: Operation, __: Reporter) -> OperationOutcome:
        raise error

    return work


def never(_: Operation, __: Reporter) -> OperationOutcome:
    raise AssertionError("the work was done again")


def test_work_that_is_done_is_recorded(job: Job) -> None:
    assert job.run(succeed) == "succeeded"
    found = job.operation
    assert (found.result, found.counts, found.attempt) == ({"rows": 3}, Counts(3, 2, 1), 1)
    assert (found.started_at, found.finished_at, found.lease_until) == (NOW, NOW, None)


def test_a_task_that_is_delivered_twice_does_the_work_once(job: Job) -> None:
    job.run(succeed)
    assert job.run(never) == "succeeded"
    assert job.operation.attempt == 1


def test_a_task_that_is_delivered_while_the_first_is_at_it_is_turned_away(job: Job) -> None:
    def work(operation: Operation, reporter: Reporter) -> OperationOutcome:
        with pytest.raises(Conflict, match="operation_claimed"):
            job.run(never)
        return succeed(operation, reporter)

    assert job.run(work) == "succeeded"


def test_a_worker_that_died_is_followed_by_another_once_its_lease_is_over(job: Job) -> None:
    job.operations.change(job.id, lambda one: one.claimed(NOW))
    job.later(LEASE - SECOND)
    with pytest.raises(Conflict):
        job.run(never)
    job.later(SECOND)
    assert job.run(succeed) == "succeeded"
    assert job.operation.attempt == 2


@pytest.mark.parametrize("error", [Unavailable("down"), Conflict("moved"), ConnectionError("lost")])
def test_what_may_pass_is_tried_again_at_once(job: Job, error: Exception) -> None:
    with pytest.raises(Unavailable, match="step_failed"):
        job.run(fail(error))
    assert (job.operation.status, job.operation.lease_until) == (OperationStatus.RUNNING, None)
    assert job.run(succeed) == "succeeded"
    assert job.operation.attempt == 2


def test_what_is_wrong_for_good_fails_with_its_code(job: Job) -> None:
    assert job.run(fail(SourceEmpty("no rows"))) == "failed"
    assert job.operation.error == {"code": "source_empty", "detail": "no rows"}
    assert job.run(never) == "failed"


@pytest.mark.parametrize(
    ("error", "severity"),
    [
        (SourceEmpty("no rows"), "WARNING"),
        (SourceUnreachable("no answer"), "WARNING"),
        (Unavailable("our database is down"), "ERROR"),
        (ValueError("a bug"), "ERROR"),
    ],
)
def test_what_the_client_has_to_mend_pages_nobody(
    job: Job, error: Exception, severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job.operations.change(job.id, lambda operation: replace(operation, attempt=MAX_ATTEMPTS - 1))
    assert job.run(fail(error)) == "failed"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (failed,) = (line for line in lines if line["message"] == "operation failed")
    assert (failed["severity"], failed["client_id"]) == (severity, job.operations.tenant.client_id)
    assert severity == "ERROR" or all(line["severity"] == "WARNING" for line in lines)


def test_an_error_that_does_not_pass_ends_it_after_the_last_attempt(job: Job) -> None:
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(Unavailable):
            job.run(fail(ValueError("a bug: secret 42")))
    assert job.run(fail(ValueError("a bug: secret 42"))) == "failed"
    found = job.operation
    assert found.error == {"code": "internal_error", "detail": f"gave up after {MAX_ATTEMPTS} attempts"}
    assert found.finished_at is not None


def test_a_worker_that_is_killed_every_time_ends_as_failed(job: Job) -> None:
    """Out of memory, say: no attempt ever gets to say that it failed."""
    for _ in range(MAX_ATTEMPTS):
        job.operations.change(job.id, lambda one: one.claimed(job.now))
        job.later(LEASE)
    assert job.run(never) == "failed"
    assert job.operation.error == {"code": "worker_killed", "detail": f"the worker died {MAX_ATTEMPTS} times"}


def test_the_last_attempt_is_given_its_time(job: Job) -> None:
    for _ in range(MAX_ATTEMPTS):
        job.operations.change(job.id, lambda one: one.claimed(job.now))
        job.later(LEASE)
    job.later(-SECOND)
    with pytest.raises(Conflict, match="operation_claimed"):
        job.run(never)


def test_progress_is_kept_and_renews_the_lease(job: Job) -> None:
    seen: list[Operation] = []

    def work(_: Operation, reporter: Reporter) -> OperationOutcome:
        job.later(LEASE - SECOND)
        reporter.step("loading", 1, 3, counts=Counts(5, 4, 1))
        seen.append(job.operation)
        job.later(LEASE - SECOND)
        reporter.step("merging", 2, 3)
        seen.append(job.operation)
        return OperationOutcome({})

    job.run(work)
    assert [(one.step, one.progress) for one in seen] == [("loading", Progress(1, 3)), ("merging", Progress(2, 3))]
    assert [one.counts for one in seen] == [Counts(5, 4, 1)] * 2
    assert seen[1].lease_until == NOW + 3 * LEASE - 2 * SECOND


def test_a_cancelled_operation_stops_at_its_next_step(job: Job) -> None:
    steps: list[str] = []

    def work(_: Operation, reporter: Reporter) -> OperationOutcome:
        for name in ("one", "two", "three"):
            reporter.step(name)
            steps.append(name)
            if name == "two":
                job.operations.change(job.id, lambda one: one.cancelled(job.now))
        return OperationOutcome({})

    assert job.run(work) == "cancelled"
    assert steps == ["one", "two"]
    assert job.operation.status is OperationStatus.CANCELLED
    assert job.run(never) == "cancelled"


def test_a_cancel_in_the_last_step_stays_a_cancel(job: Job) -> None:
    def work(operation: Operation, reporter: Reporter) -> OperationOutcome:
        job.operations.change(job.id, lambda one: one.cancelled(job.now))
        return succeed(operation, reporter)

    assert job.run(work) == "cancelled"
    assert job.operation.result is None


def test_a_worker_whose_lease_was_taken_over_stops(job: Job) -> None:
    """It slept longer than its lease; the other one goes on, undisturbed."""

    def work(_: Operation, reporter: Reporter) -> OperationOutcome:
        job.later(LEASE)
        job.operations.change(job.id, lambda one: one.claimed(job.now))
        reporter.step("too late")
        raise AssertionError("went on without a lease")

    with pytest.raises(Conflict, match="lease_lost"):
        job.run(work)
    assert (job.operation.attempt, job.operation.status) == (2, OperationStatus.RUNNING)


def test_a_plan_is_made_once_and_found_by_the_next_attempt(job: Job) -> None:
    plans: list[Any] = []

    def work(plan: dict[str, int], error: Exception | None) -> Work:
        def do(_: Operation, reporter: Reporter) -> OperationOutcome:
            plans.append(reporter.checkpoint(plan))
            if error is not None:
                raise error
            return OperationOutcome(plans[-1])

        return do

    with pytest.raises(Unavailable):
        job.run(work({"insert": 5}, ConnectionError("lost")))
    assert job.run(work({"insert": 0}, None)) == "succeeded"
    assert plans == [{"insert": 5}, {"insert": 5}]
    assert job.operation.result == {"insert": 5}


def test_work_that_goes_on_elsewhere_leaves_the_operation_running(job: Job) -> None:
    assert job.run(lambda *_: None) == "running"
    assert job.operation.status is OperationStatus.RUNNING
    job.later(LEASE + SECOND)
    assert job.run(succeed) == "succeeded"
