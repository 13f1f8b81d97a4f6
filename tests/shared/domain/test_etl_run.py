"""The rules of a run: when it is due, which steps it has, and how the ends of its steps move it on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.client import Client
from shared.domain.etl_run import (
    SYNCED,
    begun,
    cancelled,
    current_position,
    daily_run_id,
    due,
    failed_steps,
    is_before_forecast,
    is_partial_run,
    moved_on,
    planned_steps,
    step_operation_id,
    tried_again,
)
from shared.domain.operation import (
    FINISHED,
    REFRESH_FAILED,
    SOURCE_UNREACHABLE,
    NotRetryable,
    Operation,
    OperationFinished,
    OperationKind,
    OperationStatus,
    RunStep,
    StepName,
)

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Beirut"]


def client(zone: str, **fields: object) -> Client:
    return Client("c", "C", timezone=zone, **fields)  # type: ignore[arg-type]


def run(*steps: RunStep) -> Operation:
    planned = steps or planned_steps([(StepName.PRODUCTS, "erp")])
    return Operation("run", OperationKind.ETL_RUN, OperationStatus.PENDING, NOW, "ann", steps=planned)


def child(status: OperationStatus, code: str = "broken") -> Operation:
    one = Operation("child", OperationKind.FORECAST, OperationStatus.RUNNING, NOW, "ann")
    match status:
        case OperationStatus.SUCCEEDED:
            return one.succeeded(NOW, {}, None)
        case OperationStatus.FAILED:
            return one.failed(NOW, code, "the reason")
        case OperationStatus.CANCELLED:
            return one.cancelled(NOW)
        case _:
            return one


@pytest.mark.parametrize(
    ("zone", "moment", "date"),
    [
        ("UTC", "2024-06-03T01:59:59+00:00", None),
        ("UTC", "2024-06-03T02:00:00+00:00", "2024-06-03"),
        ("UTC", "2024-06-03T23:59:59+00:00", "2024-06-03"),
        ("UTC", "2024-06-04T00:00:00+00:00", None),
        ("Asia/Kolkata", "2024-06-02T21:00:00+00:00", "2024-06-03"),  # half past two there
        ("Pacific/Kiritimati", "2024-06-02T12:00:00+00:00", "2024-06-03"),  # 14 hours ahead
        ("Pacific/Pago_Pago", "2024-06-03T12:00:00+00:00", None),  # 11 hours behind: one in the morning
        # The clock jumps from 02:00 to 03:00, and from 01:00 to 02:00 of London.
        ("America/New_York", "2024-03-10T06:59:59+00:00", None),
        ("America/New_York", "2024-03-10T07:00:00+00:00", "2024-03-10"),
        ("Europe/London", "2024-03-31T00:59:59+00:00", None),
        ("Europe/London", "2024-03-31T01:00:00+00:00", "2024-03-31"),
        # From 02:00 back to 01:00: not before it is two for the first time that lasts.
        ("America/New_York", "2024-11-03T05:59:59+00:00", None),
        ("America/New_York", "2024-11-03T06:30:00+00:00", None),
        ("America/New_York", "2024-11-03T07:00:00+00:00", "2024-11-03"),
        ("Asia/Beirut", "2024-03-30T23:00:00+00:00", "2024-03-31"),  # midnight itself is left out there
    ],
)
def test_it_is_due_from_two_in_the_morning_of_the_clients_clock(zone: str, moment: str, date: str | None) -> None:
    day = due(client(zone), dt.datetime.fromisoformat(moment))
    assert (day and day.isoformat()) == date


def test_of_a_suspended_client_none_is_due() -> None:
    assert due(client("UTC", status="suspended"), NOW) is None


@given(st.sampled_from(ZONES), st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2027, 12, 30)))
def test_called_every_hour_each_day_has_its_run_and_one_id(zone: str, start: dt.datetime) -> None:
    """Over three days, whatever the clock does meanwhile and at whichever minute the call comes."""
    first = start.replace(tzinfo=dt.UTC)
    days = [due(client(zone), first + dt.timedelta(hours=hour)) for hour in range(72)]
    ids = {daily_run_id(day) for day in days if day is not None}
    dates = {(first + dt.timedelta(hours=hour)).astimezone(ZoneInfo(zone)).date() for hour in range(72)}
    whole_days = sorted(dates)[1:-1]
    assert {daily_run_id(day) for day in whole_days} <= ids
    assert len(ids) <= len(dates)


def test_its_day_is_that_of_the_clock_also_where_the_business_date_stands_still() -> None:
    assert due(client("Europe/London", business_date=dt.date(2011, 12, 9)), NOW) == dt.date(2024, 6, 3)


@given(st.lists(st.tuples(st.sampled_from(SYNCED), st.sampled_from(["erp", "files", "shop"]))))
def test_steps_are_in_their_order_and_one_for_each_source(entities: list[tuple[StepName, str]]) -> None:
    steps = planned_steps(entities)
    order = list(StepName)
    positions = [order.index(step.name) for step in steps]
    assert positions == sorted(positions)
    syncs = [(step.name, step.source_id) for step in steps if step.source_id is not None]
    assert sorted(syncs) == sorted(set(entities))
    assert [step.name for step in steps[len(syncs) :]] == ["validate", "forecast", "refresh"]


SOURCES = st.sampled_from(["erp", "shop"])
BROKEN = st.sampled_from(["broken", SOURCE_UNREACHABLE, "cancelled"])


def ended(outcome: str | None) -> Operation:
    if outcome is None:
        return child(OperationStatus.SUCCEEDED)
    return child(OperationStatus.CANCELLED) if outcome == "cancelled" else child(OperationStatus.FAILED, outcome)


@given(st.lists(st.tuples(st.sampled_from(SYNCED), SOURCES), max_size=6), st.data())
def test_however_its_steps_end_and_often_it_is_retried_it_succeeds_when_each_of_them_has(
    entities: list[tuple[StepName, str]], data: st.DataObject
) -> None:
    at = run(*planned_steps(entities))
    tries = [0] * len(at.steps)
    for last_time in (False, False, True):
        before: tuple[RunStep, ...] = ()
        while not at.finished:
            position = current_position(at)
            assert position is not None
            assert all(step.name in SYNCED for step in failed_steps(at) if step.operation_id is not None)
            tries[position] += 1
            operation_id = step_operation_id(at, position)
            assert operation_id.endswith(f"-{tries[position]}")
            at = begun(at, position, operation_id, NOW)
            assert moved_on(at, position, child(OperationStatus.RUNNING), NOW) is at
            outcome = None if last_time else data.draw(st.none() | BROKEN)
            before = at.steps
            at = moved_on(at, position, ended(outcome), NOW)
            assert at.progress.done == sum(step.status in FINISHED for step in at.steps)
            if outcome is None:
                assert [step for step in at.steps if step not in before] == [
                    replace(before[position], status=OperationStatus.SUCCEEDED)
                ]
            if outcome is not None and at.steps[position].name not in SYNCED:
                assert at.status is OperationStatus.FAILED
        failed = failed_steps(at)
        done = [step for step in at.steps if step.status is OperationStatus.SUCCEEDED]
        assert (at.status is OperationStatus.SUCCEEDED) == (len(done) == len(at.steps))
        assert is_partial_run(at) == (bool(failed) and at.steps[-1] in done)
        unsold = any(step.name is StepName.SALES_HISTORY for step in failed)
        assert not (unsold and any(step.name is StepName.FORECAST for step in done))
        if failed:
            syncs_again = any(step.name in SYNCED for step in failed)
            at = tried_again(at)
            assert (at.status, at.error, at.finished_at) == (OperationStatus.PENDING, None, None)
            kept = [step for step in at.steps if step.status is OperationStatus.SUCCEEDED]
            assert kept == [step for step in done if step.name in SYNCED or not syncs_again]
    assert (at.status, at.result) == (OperationStatus.SUCCEEDED, {"steps": len(at.steps)})
    assert [step.attempts for step in at.steps] == tries
    with pytest.raises(NotRetryable, match="only one that has failed"):
        tried_again(at)


def test_the_only_sync_that_fails_fails_the_run_and_says_why() -> None:
    at = moved_on(begun(run(), 0, "child", NOW), 0, child(OperationStatus.FAILED), NOW)
    assert at.error == {"code": "step_failed", "detail": "products of erp: the reason"}
    assert [step.status for step in at.steps] == ["failed", "pending", "pending", "pending"]
    assert not is_before_forecast(at)
    assert not is_partial_run(at)


def through(at: Operation, *outcomes: str | None) -> Operation:
    """The run after its next steps have ended so."""
    for outcome in outcomes:
        position = current_position(at)
        assert position is not None
        at = moved_on(begun(at, position, f"child-{position}", NOW), position, ended(outcome), NOW)
    return at


def test_one_source_that_fails_holds_up_no_other_and_the_run_says_which() -> None:
    planned = planned_steps([(StepName.PRODUCTS, "erp"), (StepName.PRODUCTS, "shop"), (StepName.SALES_HISTORY, "shop")])
    at = through(run(*planned), "broken", None, None, None, None, None)
    assert (at.status, at.error) == ("failed", {"code": "step_failed", "detail": "products of erp: the reason"})
    assert [step.status for step in at.steps] == ["failed", *["succeeded"] * 5]
    assert is_partial_run(at)
    again = tried_again(at)
    assert [step.status for step in again.steps] == ["pending", "succeeded", "succeeded", *["pending"] * 3]


def test_a_source_that_does_not_answer_is_not_asked_for_more_and_without_its_sales_is_no_forecast() -> None:
    planned = planned_steps([(StepName.PRODUCTS, "erp"), (StepName.PRODUCTS, "shop"), (StepName.SALES_HISTORY, "erp")])
    at = through(run(*planned), SOURCE_UNREACHABLE, None)
    assert [step.status for step in at.steps] == ["failed", "succeeded", "cancelled", "pending", "cancelled", "pending"]
    assert at.steps[2].detail == "not read: erp does not answer"
    assert at.steps[4].detail == "not done without the sales of erp: the last one serves"
    assert not is_before_forecast(at)
    assert is_partial_run(through(at, None, None))


def test_a_forecast_that_only_lists_do_not_show_is_done_and_the_next_step_says_so() -> None:
    steps = (RunStep(StepName.FORECAST), RunStep(StepName.REFRESH))
    at = moved_on(begun(run(*steps), 0, "child", NOW), 0, child(OperationStatus.FAILED, REFRESH_FAILED), NOW)
    assert (at.status, [step.status for step in at.steps]) == ("running", ["succeeded", "pending"])


def test_a_cancelled_run_has_a_cancelled_step_and_no_next_one() -> None:
    at = cancelled(begun(run(), 0, "child", NOW), NOW)
    assert (at.status, [step.status for step in at.steps]) == ("cancelled", ["cancelled", *["pending"] * 3])
    assert not is_before_forecast(at)
    with pytest.raises(OperationFinished):
        cancelled(at, NOW)
    with pytest.raises(NotRetryable):
        tried_again(at)


def test_a_step_is_retried_with_its_run() -> None:
    step = replace(child(OperationStatus.FAILED), parent="run")
    with pytest.raises(NotRetryable, match="a step of run: retry that"):
        step.check_retryable()


@pytest.mark.parametrize(
    ("kind", "code", "kept"),
    [
        (OperationKind.SALES_IMPORT, "internal_error", True),
        (OperationKind.SALES_IMPORT, "worker_killed", True),
        (OperationKind.SALES_IMPORT, REFRESH_FAILED, True),
        (OperationKind.SALES_IMPORT, "nothing_accepted", False),
        (OperationKind.METRICS_REFRESH, "anything", True),
        (OperationKind.FORECAST, "execution_failed", True),
    ],
)
def test_what_can_be_retried(kind: OperationKind, code: str, kept: bool) -> None:
    failed = replace(child(OperationStatus.FAILED, code), kind=kind, attempt=8)
    if kept:
        failed.check_retryable()
        again = failed.retried()
        assert (again.status, again.error, again.tries, again.attempt) == (OperationStatus.PENDING, None, 0, 8)
        assert again.claimed(NOW).tries == 1
    else:
        with pytest.raises(NotRetryable, match="import it again"):
            failed.check_retryable()
