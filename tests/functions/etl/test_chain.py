"""A run over HTTP: its steps one after the other, retried from the one that failed, cancelled as a whole."""

from __future__ import annotations

import datetime as dt
import threading
from functools import partial
from typing import Any

import pytest

from functions.etl import chain
from functions.forecast import service as forecasts
from shared.config import config
from shared.domain.access.principal import RUNNERS_OF_ETL, Role
from shared.domain.etl_run import GIVEN_UP_AFTER, EtlRunRequest, RunInProgress, current_position
from shared.domain.imports.data_source import BigQuerySource, NamedSource
from shared.domain.operation import SHOWING, Counts, Operation, OperationStatus, RunStep, StepName
from shared.firestore.current_runs import CurrentRuns, any_before_forecast
from shared.firestore.data_sources import DataSources
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.outbox import waiting_entries
from shared.tasks import forecast_progress
from shared.tasks.etl_runs import start_run
from shared.tasks.operations import Operations
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TODAY, TestClient

STEPS = (RunStep(StepName.FORECAST), RunStep(StepName.REFRESH))
NIGHT = dt.datetime(2024, 6, 3, 2, tzinfo=dt.UTC)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def by_hand(client: TestClient, run_id: str = "run", at: dt.datetime = NIGHT) -> Operation:
    """A run that nobody told Cloud Tasks of: the test is the queue."""
    run, _ = start_run(client.tenant, EtlRunRequest(run_id, TODAY, STEPS, "ann", at))
    return run


@pytest.fixture
def undelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task reaches Cloud Tasks."""
    tasks = ("operations", "metrics_refresh", "starting")
    for module in ("functions.etl.chain", "functions.operations.service", *(f"shared.tasks.{name}" for name in tasks)):
        monkeypatch.setattr(f"{module}.deliver", lambda *_: None)


def advance(client: TestClient, run_id: str = "run") -> Operation:
    chain.advance(config(), client.tenant, run_id, now)
    return Operations(client.tenant).get(run_id)


def end(
    client: TestClient, operation_id: str, status: OperationStatus = OperationStatus.SUCCEEDED, **result: int
) -> None:
    def to(operation: Operation) -> Operation:
        if status is OperationStatus.SUCCEEDED:
            return operation.succeeded(now(), result, None)
        return operation.failed(now(), "internal_error", "gave up after 8 attempts")

    Operations(client.tenant).change(operation_id, to)


def statuses(run: Operation) -> list[str]:
    return [step.status.value for step in run.steps]


def is_before_forecast(client: TestClient) -> bool:
    (current,) = client.tenant.collection("current_run").stream()
    return bool(current.get("is_before_forecast"))


def outbox(client: TestClient) -> set[str]:
    return {found.id for found in client.tenant.collection("outbox").stream()}


def test_from_the_request_to_lists_that_show_it(client: TestClient) -> None:
    client.sell_daily({"A": 3, "B": 1})
    response = client.post("/etl/run")
    shown = response.json()
    assert (shown["kind"], shown["parameters"]) == ("etl_run", {"date": TODAY.isoformat(), "source_ids": None})
    assert [(step["name"], step["status"], step["attempts"]) for step in shown["steps"]] == [
        ("validate", "pending", 0),
        ("forecast", "pending", 0),
        ("refresh", "pending", 0),
    ]
    run = client.finished(response)
    assert run["status"] == "succeeded", run
    assert (run["result"], run["progress"]) == ({"steps": 3}, {"done": 3, "total": 3})
    assert [(step["name"], step["status"], step["attempts"]) for step in run["steps"]] == [
        ("validate", "succeeded", 1),
        ("forecast", "succeeded", 1),
        ("refresh", "succeeded", 1),
    ]
    checked, forecast, refresh = (client.get(f"/operations/{step['operation_id']}").json() for step in run["steps"])
    assert (forecast["kind"], forecast["parent"], forecast["status"]) == ("forecast", run["id"], "succeeded")
    assert (checked["kind"], client.get("/etl/validation").json()["run_id"]) == ("etl_validation", checked["id"])
    # The refresh is the forecast's own: metrics are computed once.
    assert (refresh["kind"], refresh["status"]) == ("metrics_refresh", "succeeded")
    kinds = [each["kind"] for each in client.get("/operations").json()["items"]]
    assert sorted(kinds) == ["etl_run", "etl_validation", "forecast", "metrics_refresh"]
    latest = ForecastRuns(client.tenant).latest()
    assert latest is not None
    assert (latest.run_id, latest.run_date) == (forecast["id"], TODAY)
    assert client.get("/operations?kind=etl_run&fields=id,steps").json()["items"][0]["steps"] == run["steps"]


def test_the_same_key_starts_one_run_and_another_waits_for_its_end(client: TestClient, undelivered: None) -> None:
    key = {"Idempotency-Key": "once"}
    first = client.post("/etl/run", headers=key)
    assert client.post("/etl/run", headers=key).json() == first.json()
    problem = assert_problem(client.post("/etl/run"), 409, "run_in_progress")
    assert first.json()["id"] in problem["detail"]
    client.post(f"/operations/{first.json()['id']}/cancel")
    assert client.post("/etl/run").status_code == 202


def test_who_may_start_one(client: TestClient, undelivered: None) -> None:
    for role in Role:
        response = client.post("/etl/run", role=role)
        if role in RUNNERS_OF_ETL:
            client.post(f"/operations/{response.json()['id']}/cancel")
        else:
            assert_problem(response, 403, "role_not_allowed")


def test_each_step_is_begun_once_and_when_the_one_before_has_ended(client: TestClient, undelivered: None) -> None:
    client.call("PUT", "/settings", json={"forecast_engine": "chronos2"})
    by_hand(client)
    assert any_before_forecast(client.tenant.database)
    assert is_before_forecast(client)
    for _ in range(2):
        run = advance(client)
    assert not is_before_forecast(client)
    assert (run.status, run.step, statuses(run)) == ("running", "forecast", ["running", "pending"])
    assert outbox(client) == {"run", "run-1-forecast-1"}
    requested = ForecastRuns(client.tenant).get("run-1-forecast-1")
    assert requested is not None
    assert (requested.run_date, requested.for_readers, requested.requested_engine) == (TODAY, True, "chronos2")
    end(client, "run-1-forecast-1")
    assert "run-after-run-1-forecast-1" in outbox(client)
    for _ in range(2):
        run = advance(client)
    assert statuses(run) == ["succeeded", "running"]
    end(client, "run-2-refresh-1")
    for _ in range(2):
        run = advance(client)
    assert (run.status, statuses(run)) == ("succeeded", ["succeeded", "succeeded"])


def test_at_once_from_ten_workers_it_moves_on_once(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    workers = [threading.Thread(target=advance, args=(client,)) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run = Operations(client.tenant).get("run")
    assert [step.attempts for step in run.steps] == [1, 0]
    assert outbox(client) == {"run", "run-1-forecast-1"}


def test_a_failed_run_goes_on_from_the_step_that_failed(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    end(client, "run-1-forecast-1")
    advance(client)
    end(client, "run-2-refresh-1", OperationStatus.FAILED)
    advance(client)
    failed = client.get("/operations/run").json()
    assert (failed["status"], [step["status"] for step in failed["steps"]]) == ("failed", ["succeeded", "failed"])
    assert failed["error"] == {"code": "step_failed", "detail": "refresh: gave up after 8 attempts"}
    problem = assert_problem(client.post("/operations/run-2-refresh-1/retry"), 409, "not_retryable")
    assert "a step of run: retry that" in problem["detail"]

    response = client.post("/operations/run/retry")
    assert response.status_code == 202
    assert response.headers["Location"] == "/api/v1/operations/run"
    assert [step["status"] for step in response.json()["steps"]] == ["succeeded", "pending"]
    assert client.post("/operations/run/retry").json() == response.json()  # it is on its way already
    run = advance(client)
    assert [(step.operation_id, step.attempts) for step in run.steps] == [
        ("run-1-forecast-1", 1),
        ("run-2-refresh-2", 2),
    ]
    end(client, "run-2-refresh-2")
    assert advance(client).status is OperationStatus.SUCCEEDED
    assert_problem(client.post("/operations/run/retry"), 409, "not_retryable")


def test_a_run_is_not_retried_beside_another(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    end(client, "run-1-forecast-1", OperationStatus.FAILED)
    advance(client)
    by_hand(client, "another", now())
    assert_problem(client.post("/operations/run/retry"), 409, "run_in_progress")


@pytest.mark.parametrize("role", Role)
def test_who_may_start_a_run_may_retry_it(client: TestClient, undelivered: None, role: Role) -> None:
    by_hand(client)
    advance(client)
    end(client, "run-1-forecast-1", OperationStatus.FAILED)
    advance(client)
    response = client.post("/operations/run/retry", role=role)
    if role is Role.SERVICE:
        assert_problem(response, 403, "role_not_allowed")
    elif role in RUNNERS_OF_ETL:
        assert response.status_code == 202
    else:
        assert "may not retry the etl_run" in assert_problem(response, 403, "operation_not_yours")["detail"]


def test_a_cancelled_run_stops_its_step(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    cancelled = client.post("/operations/run/cancel").json()
    assert (cancelled["status"], [step["status"] for step in cancelled["steps"]]) == (
        "cancelled",
        ["cancelled", "pending"],
    )
    assert client.get("/operations/run-1-forecast-1").json()["status"] == "cancelled"
    assert advance(client).status is OperationStatus.CANCELLED
    assert not is_before_forecast(client)


def test_a_step_that_was_cancelled_fails_its_run_which_can_be_retried(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    client.post("/operations/run-1-forecast-1/cancel")
    assert "run-after-run-1-forecast-1" in outbox(client)
    run = advance(client)
    assert (run.error or {})["code"] == "step_cancelled"
    assert client.post("/operations/run/retry").status_code == 202


def test_the_next_days_run_ends_one_that_is_still_out(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    with pytest.raises(RunInProgress):
        by_hand(client, "early", NIGHT + GIVEN_UP_AFTER - dt.timedelta(seconds=1))
    by_hand(client, "next", NIGHT + GIVEN_UP_AFTER)
    operations = Operations(client.tenant)
    assert (operations.get("run").error or {})["code"] == "superseded"
    assert operations.get("run-1-forecast-1").status is OperationStatus.CANCELLED
    assert advance(client).status is OperationStatus.FAILED


def test_two_starts_at_once_are_one_run(client: TestClient, undelivered: None) -> None:
    outcomes: list[object] = []

    def start(number: int) -> None:
        try:
            outcomes.append(by_hand(client, f"run-{number}").id)
        except RunInProgress as error:
            outcomes.append(error)

    starters = [threading.Thread(target=start, args=(number,)) for number in range(6)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    (started,) = (each for each in outcomes if isinstance(each, str))
    assert client.tenant.transact(CurrentRuns(client.tenant).run_id) == started
    assert outbox(client) == {started}


def test_the_end_of_a_step_is_told_in_the_same_commit(client: TestClient, undelivered: None) -> None:
    """Whoever ends it: its worker, the forecast job, the refresh that it awaited."""
    by_hand(client)
    advance(client)
    runs, run_id = ForecastRuns(client.tenant), "run-1-forecast-1"
    runs.begin(run_id, TODAY, 1, now())
    runs.complete_shard(run_id, 0, now())
    forecast_progress.report(client.tenant, run_id, now())
    operations = Operations(client.tenant)
    refresh_id = operations.get(run_id).awaits
    assert refresh_id is not None
    assert "run-after-run-1-forecast-1" not in outbox(client)
    end(client, refresh_id)
    operations.end_those_awaiting(operations.get(refresh_id), now())
    assert "run-after-run-1-forecast-1" in outbox(client)
    assert advance(client).status is OperationStatus.SUCCEEDED
    entries = [
        each for each in waiting_entries(client.tenant.database, now(), 500) if each.client_id == client.client_id
    ]
    (told,) = (each for each in entries if each.id.startswith("run-after-"))
    assert (told.function, told.path, told.body["operation_id"]) == ("etl", "/internal/advance", "run")


def test_a_forecast_is_retried_with_a_new_execution(client: TestClient, undelivered: None) -> None:
    client.sell_daily({"A": 3})
    run_id = client.post("/forecast", json={"item_ids": None}).json()["id"]
    runs = ForecastRuns(client.tenant)
    runs.launched(run_id, f"{config().forecast_job_path}/executions/gone")
    forecasts.watch(config(), now())
    assert client.get(f"/operations/{run_id}").json()["error"]["code"] == "execution_failed"
    again = client.post(f"/operations/{run_id}/retry")
    assert (again.status_code, again.json()["status"]) == (202, "pending")
    run = runs.get(run_id)
    assert run is not None
    assert run.execution is None
    assert run.watched_since is not None
    assert f"{run_id}-retry-0" in outbox(client)


def test_what_only_lists_lack_is_shown_by_a_retry(client: TestClient, undelivered: None) -> None:
    by_hand(client)
    advance(client)
    runs, run_id = ForecastRuns(client.tenant), client.post("/forecast", json={}).json()["id"]
    runs.begin(run_id, TODAY, 1, now())
    runs.complete_shard(run_id, 0, now())
    forecast_progress.report(client.tenant, run_id, now())
    operations = Operations(client.tenant)
    first = str(operations.get(run_id).awaits)
    end(client, first, OperationStatus.FAILED)
    operations.end_those_awaiting(operations.get(first), now())
    assert client.get(f"/operations/{run_id}").json()["error"]["code"] == "refresh_failed"
    again = client.post(f"/operations/{run_id}/retry").json()
    assert (again["status"], again["step"]) == ("running", "bringing it into the lists")
    second = str(operations.get(run_id).awaits)
    assert second != first
    end(client, second)
    operations.end_those_awaiting(operations.get(second), now())
    assert client.get(f"/operations/{run_id}").json()["status"] == "succeeded"


def test_what_moving_on_costs(client: TestClient, undelivered: None, meter: FirestoreMeter) -> None:
    def cost(act: Any) -> Billed:
        meter.reset()
        act()
        return meter.of(client.client_id)

    by_hand(client)
    # The run, whether the step's operation exists, and the settings, for the engine. The run, the client's current run;
    # operation, task and forecast.
    assert cost(lambda: chain.advance(config(), client.tenant, "run", now)) == Billed(reads=3, writes=5)
    assert cost(lambda: chain.advance(config(), client.tenant, "run", now)) == Billed(reads=2)


def test_users_do_not_get_in(client: TestClient) -> None:
    response = client.post("/etl/internal/advance", json={"client_id": client.client_id, "operation_id": "run"})
    assert_problem(response, 401, "task_token_invalid")


def connect(client: TestClient, source_id: str, *kinds: str, schedule: str = "daily") -> None:
    entities = {kind: {"table": kind.replace("-", "_"), "mapping": {"item_id": "sku"}} for kind in kinds}
    fields = {"kind": "bigquery", "project": "p", "dataset": "d", "schedule": schedule, "entities": entities}
    source = BigQuerySource.model_validate(fields)
    client.tenant.transact(lambda it: DataSources(client.tenant).put(it, NamedSource(source_id, source)))


def test_a_run_reads_the_sources_that_are_read_daily_or_those_that_are_named(
    client: TestClient, undelivered: None
) -> None:
    connect(client, "erp", "sales-history", "products")
    connect(client, "shop", "products", "locations")
    connect(client, "once", "suppliers", schedule="manual")
    problem = assert_problem(client.post("/etl/run", json={"source_ids": ["erp", "nothing"]}), 422, "unknown_source")
    assert [error["pointer"] for error in problem["errors"]] == ["/source_ids/1"]

    def steps(**body: Any) -> list[tuple[str, str | None]]:
        run = client.post("/etl/run", json=body).json()
        client.post(f"/operations/{run['id']}/cancel")
        assert run["parameters"]["source_ids"] == body.get("source_ids")
        return [(step["name"], step["source_id"]) for step in run["steps"]]

    common = [("validate", None), ("forecast", None), ("refresh", None)]
    assert steps() == [
        ("locations", "shop"),
        ("products", "erp"),
        ("products", "shop"),
        ("sales-history", "erp"),
        *common,
    ]
    assert steps(source_ids=["once"]) == [("suppliers", "once"), *common]


def test_a_sync_is_a_step_of_its_run(client: TestClient, undelivered: None) -> None:
    connect(client, "erp", "sales-history", "products")
    run_id = client.post("/etl/run").json()["id"]
    run = advance(client, run_id)
    sync = client.get(f"/operations/{run.steps[0].operation_id}").json()
    assert (sync["kind"], sync["parent"], sync["parameters"]["source_id"]) == ("etl_sync.products", run_id, "erp")
    client.post(f"/operations/{run_id}/cancel")


def test_a_source_that_fails_holds_up_no_other(client: TestClient, undelivered: None) -> None:
    """Its run is told as partial, once; retried, it reads that source, and computes again what follows from it."""
    targets = {"webhook_url": "http://127.0.0.1:9/hook", "secret": "hook"}
    assert client.call("PUT", "/settings", json={"notifications": targets}).status_code == 200
    connect(client, "erp", "products")
    connect(client, "shop", "stock-levels")
    run_id = client.post("/etl/run").json()["id"]
    run = advance(client, run_id)
    failed_at = str(run.steps[0].operation_id)
    end(client, failed_at, OperationStatus.FAILED)
    for _ in range(2):
        run = advance(client, run_id)
        assert run.step == "stock-levels of shop"
    while not run.finished:
        end(client, str(next(step.operation_id for step in run.steps if step.status is OperationStatus.RUNNING)))
        run = advance(client, run_id)
    shown = client.get(f"/operations/{run_id}").json()
    assert (shown["status"], shown["error"]["detail"]) == ("failed", "products of erp: gave up after 8 attempts")
    assert [step["status"] for step in shown["steps"]] == ["failed", *["succeeded"] * 4]
    (told,) = client.get("/notifications").json()["items"]
    assert told["event"] == "run.partial"
    assert told["payload"]["data"]["steps"] == [
        {"name": "products", "source_id": "erp", "status": "failed", "detail": "gave up after 8 attempts"}
    ]
    client.post(f"/operations/{run_id}/retry")
    run = advance(client, run_id)
    assert [(step.name.value, step.attempts) for step in run.steps] == [
        ("products", 2),
        *((name, 1) for name in ("stock-levels", "validate", "forecast", "refresh")),
    ]
    assert statuses(run) == ["running", "succeeded", *["pending"] * 3]
    client.post(f"/operations/{run_id}/cancel")


def _took(result: dict[str, Any], counts: Counts, operation: Operation) -> Operation:
    return operation.succeeded(now(), result, counts)


@pytest.mark.parametrize(("rejected", "events"), [(0, []), (1, ["run.partial"])])
def test_a_run_tells_of_a_sync_that_took_a_part_of_its_source(
    client: TestClient, undelivered: None, rejected: int, events: list[str]
) -> None:
    targets = {"webhook_url": "http://127.0.0.1:9/hook", "secret": "hook"}
    assert client.call("PUT", "/settings", json={"notifications": targets}).status_code == 200
    connect(client, "erp", "products", "stock-levels")
    steps = [step for step in chain.steps_of(client.tenant) if step.name not in (StepName.FORECAST, StepName.VALIDATE)]
    start_run(client.tenant, EtlRunRequest("run", TODAY, tuple(steps), "ann", NIGHT))
    for by_check in ({"orphan": rejected}, {"app_managed": 9}):
        run, lost = advance(client), sum(by_check.values())
        step = next(step for step in run.steps if step.status is OperationStatus.RUNNING)
        took = {"rejected_by_check": by_check}, Counts(19, 19 - lost, lost)
        Operations(client.tenant).change(str(step.operation_id), partial(_took, *took))
    run = advance(client)
    end(client, str(run.steps[-1].operation_id))
    for _ in range(2):
        assert advance(client).status is OperationStatus.SUCCEEDED
    told = client.get("/notifications").json()["items"]
    assert [each["event"] for each in told] == events
    if told:
        assert told[0]["payload"]["data"]["steps"] == [
            {
                "name": "products",
                "source_id": "erp",
                "status": "succeeded",
                "detail": "1 of 19 records were rejected",
            }
        ]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, None),
        ({"products": 1}, "metrics_refresh.rebuild"),
        ({"sales-history": 1}, "metrics_refresh"),
        ({"products": 1, "sales-history": 1}, "metrics_refresh.rebuild"),
        ({"locations": 1}, None),  # lists read them from their documents
    ],
)
@pytest.mark.parametrize("outcome", [OperationStatus.SUCCEEDED, OperationStatus.FAILED])
def test_lists_show_what_all_syncs_have_stored_by_one_refresh_before_it_is_checked(
    client: TestClient, undelivered: None, changes: dict[str, int], kind: str | None, outcome: OperationStatus
) -> None:
    connect(client, "erp", "locations", "products", "sales-history")
    steps = [step for step in chain.steps_of(client.tenant) if step.name is not StepName.FORECAST]
    start_run(client.tenant, EtlRunRequest("run", TODAY, tuple(steps), "ann", NIGHT))
    for name in ("locations", "products", "sales-history"):
        run = advance(client)
        assert run.step == f"{name} of erp"
        end(client, str(run.steps[current_position(run) or 0].operation_id), updated=changes.get(name, 0))
    for _ in range(2):
        run = advance(client)
        assert run.step == ("validate" if kind is None else SHOWING)
    if kind is not None:
        shown = client.get("/operations/run-shown-3").json()
        assert (shown["kind"], shown["parent"]) == (kind, "run")
        end(client, "run-shown-3", outcome)
        run = advance(client)
        assert run.step == "validate"
    end(client, str(run.steps[3].operation_id))
    run = advance(client)
    if kind is not None and outcome is OperationStatus.SUCCEEDED:
        assert (run.status, run.steps[4].operation_id) == ("succeeded", "run-shown-3")
        return
    refresh = client.get(f"/operations/{run.steps[4].operation_id}").json()
    assert refresh["kind"] == ("metrics_refresh" if kind is None else "metrics_refresh.rebuild")
    client.post("/operations/run/cancel")
