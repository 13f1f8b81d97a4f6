"""Forecasts of several clients in one execution: taken together, started once, and one client's trouble its own."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from forecast_job.__main__ import main
from functions.etl import chain
from functions.forecast import batches, service
from shared.bigquery.warehouse import Warehouse
from shared.config import Config, config
from shared.domain.etl_run import EtlRunRequest
from shared.domain.forecast_batch import ForecastBatch
from shared.domain.forecast_engine import FallbackCode
from shared.domain.forecast_run import ForecastRun, ShardResult
from shared.domain.operation import Operation, OperationStatus, RunStep, StepName
from shared.firestore.driver import database
from shared.firestore.forecast_batches import ForecastBatches
from shared.firestore.forecast_runs import ForecastRuns
from shared.tasks.etl_runs import start_run
from shared.tasks.forecasting import Execution
from shared.tasks.operations import Operations
from tests.support.mortal_worker import MortalWorker
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient, eventually

STEPS = (RunStep(StepName.FORECAST), RunStep(StepName.REFRESH))
FORECAST = "run-1-forecast-1"
WAIT = dt.timedelta(minutes=10)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def patient(running: object) -> Config:
    """Waits ten minutes for clients that are expected; those of other tests are none."""
    for document in database(config()).collection_group("current_run").stream():
        document.reference.delete()
    for document in database(config()).collection_group("forecast_runs").stream():
        if document.get("waiting_since") is not None:
            document.reference.update({"waiting_since": None})
    return replace(config(), forecast_wait_s=int(WAIT.total_seconds()))


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[ForecastBatch]:
    """What Cloud Run would have been asked for; nothing runs."""
    started: list[ForecastBatch] = []

    def launch(_: Config, batch: ForecastBatch) -> str:
        started.append(batch)
        return f"execution-of-{batch.id}"

    monkeypatch.setattr(batches, "launch_batch", launch)
    return started


@pytest.fixture
def undelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("functions.etl.chain", "shared.tasks.operations", "shared.tasks.starting"):
        monkeypatch.setattr(f"{module}.deliver", lambda *_: None)


def begin(client: TestClient) -> TestClient:
    """A run that has yet to come to its forecast."""
    start_run(client.tenant, EtlRunRequest("run", TODAY, STEPS, "scheduler", now()))
    return client


def ready(client: TestClient) -> TestClient:
    """A run at its forecast, whose task has not been delivered."""
    begin(client)
    chain.advance(config(), client.tenant, "run", now)
    return client


def launch(config: Config, client: TestClient, after: dt.timedelta = dt.timedelta()) -> OperationStatus:
    return service.launch(config, client.tenant, FORECAST, lambda: now() + after)


def run_of(client: TestClient) -> ForecastRun:
    run = ForecastRuns(client.tenant).get(FORECAST)
    assert run is not None
    return run


def operation_of(client: TestClient) -> Operation:
    return Operations(client.tenant).get(FORECAST)


def clients_of(batch: ForecastBatch) -> set[str]:
    return {run.client_id for run in batch.runs}


def test_those_that_are_ready_wait_for_the_last_one_and_share_an_execution(
    patient: Config, undelivered: None, launches: list[ForecastBatch], new_client: Callable[[], TestClient]
) -> None:
    clients = [begin(new_client()) for _ in range(3)]
    for number, client in enumerate(clients):
        assert launches == []
        chain.advance(config(), client.tenant, "run", now)
        assert launch(patient, client) is OperationStatus.PENDING
        assert (run_of(client).batch_id is None) == (number < 2)
    (batch,) = launches
    assert clients_of(batch) == {client.client_id for client in clients}
    assert ForecastBatches(database(config())).get(batch.id).execution == f"execution-of-{batch.id}"
    for client in clients:
        launch(patient, client)  # delivered again
        assert run_of(client).batch_id == batch.id
    assert launches == [batch]


def test_a_slow_client_is_waited_for_no_longer_than_that(
    patient: Config, undelivered: None, launches: list[ForecastBatch], new_client: Callable[[], TestClient]
) -> None:
    quick, slow = ready(new_client()), begin(new_client())
    launch(patient, quick)
    service.watch(patient, now() + WAIT / 2)
    assert launches == []
    service.watch(patient, now() + WAIT)
    assert [clients_of(batch) for batch in launches] == [{quick.client_id}]
    chain.advance(config(), slow.tenant, "run", now)
    launch(patient, slow)
    assert [clients_of(batch) for batch in launches] == [{quick.client_id}, {slow.client_id}]


def test_one_that_fails_before_its_forecast_is_not_waited_for(
    patient: Config, undelivered: None, launches: list[ForecastBatch], new_client: Callable[[], TestClient]
) -> None:
    quick, broken = ready(new_client()), begin(new_client())
    launch(patient, quick)
    assert launches == []
    broken.post("/operations/run/cancel")
    service.watch(patient, now())
    assert [clients_of(batch) for batch in launches] == [{quick.client_id}]


def test_of_two_launchers_at_once_each_run_is_ones(
    patient: Config, undelivered: None, launches: list[ForecastBatch], new_client: Callable[[], TestClient]
) -> None:
    clients = [ready(new_client()) for _ in range(3)]
    launchers = [threading.Thread(target=batches.launch_waiting, args=(patient, now())) for _ in range(6)]
    for launcher in launchers:
        launcher.start()
    for launcher in launchers:
        launcher.join()
    taken = [run.client_id for batch in launches for run in batch.runs]
    assert sorted(taken) == sorted(client.client_id for client in clients)


def test_a_launcher_killed_before_it_started_the_job_is_made_up_for(
    patient: Config, undelivered: None, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    ready(client)

    def die(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(batches, "launch_batch", die)
        with pytest.raises(KeyboardInterrupt):
            launch(patient, client)
    batch_id = run_of(client).batch_id
    assert batch_id is not None
    started: list[str] = []

    def start(_: Config, batch: ForecastBatch) -> str:
        started.append(batch.id)
        return "execution"

    monkeypatch.setattr(batches, "launch_batch", start)
    batches.launch_due(patient, now())
    assert batch_id not in started  # it may be at work still
    batches.launch_due(patient, now() + dt.timedelta(minutes=2))
    assert batch_id in started
    launch(patient, client)
    assert started.count(batch_id) == 1


def test_a_batch_whose_execution_died_fails_those_that_are_not_done(
    patient: Config,
    undelivered: None,
    launches: list[ForecastBatch],
    monkeypatch: pytest.MonkeyPatch,
    new_client: Callable[[], TestClient],
) -> None:
    done, lost, cancelled = (ready(new_client()) for _ in range(3))
    launch(patient, done)
    (batch,) = launches
    ForecastRuns(done.tenant).begin(FORECAST, TODAY, 1, now())
    ForecastRuns(done.tenant).complete_shard(FORECAST, 0, now(), ShardResult(1, {"statistical": 1}))
    cancelled.post("/operations/run/cancel")
    states: list[str] = []

    def died(_: Config, name: str) -> Execution:
        states.append(name)
        return Execution(finished=True, failure="task 0 exited with 1 3 times")

    monkeypatch.setattr(service, "execution_of", died)
    monkeypatch.setattr(service, "cancel_execution", lambda *_: pytest.fail("the others' execution was cancelled"))
    monkeypatch.setattr(service, "deliver", lambda *_: None)
    service.watch(patient, now())
    assert states.count(f"execution-of-{batch.id}") == 1
    assert operation_of(done).step == "bringing it into the lists"
    assert (operation_of(lost).error or {})["code"] == "execution_failed"
    assert operation_of(cancelled).status is OperationStatus.CANCELLED
    assert [run_of(client).watched_since for client in (done, lost, cancelled)] == [None] * 3


def test_the_job_works_through_a_batch_and_one_clients_trouble_is_its_own(
    patient: Config,
    undelivered: None,
    launches: list[ForecastBatch],
    new_client: Callable[[], TestClient],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They ask for Chronos-2 by their settings, whose weights nobody has deployed: the runs say so."""
    monkeypatch.delenv("STOCKCAST_CHRONOS_WEIGHTS", raising=False)
    clients = [new_client() for _ in range(3)]
    for client in clients:
        client.call("PUT", "/settings", json={"forecast_engine": "chronos2"})
        client.sell_daily({"A": 3}, days=30)
        ready(client)
    launch(patient, clients[0])
    (batch,) = launches
    broken = batch.runs[0].client_id
    others = [client for client in clients if client.client_id != broken]
    (client,) = (client for client in clients if client.client_id == broken)
    ForecastRuns(client.tenant).begin(FORECAST, TODAY, 7, now())  # as another execution had cut it
    assert batch.tasks == 1
    assert main(["--batch", batch.id], {}) == 1
    said = capsys.readouterr().out
    assert f"failed for {broken}" in said
    assert said.count('"message": "forecast fallback"') == len(clients)
    for other in others:
        run = run_of(other)
        assert run.published
        assert (run.requested_engine, run.engine) == ("chronos2", "statistical")
        assert run.fallback_reason is not None
        assert run.fallback_reason.code is FallbackCode.WEIGHTS_MISSING
        assert operation_of(other).awaits is not None
    assert not run_of(client).published
    assert main(["--batch", batch.id], {"CLOUD_RUN_TASK_COUNT": "2"}) == 1
    assert "is for 1 tasks, not for 2" in capsys.readouterr().out


def test_a_task_killed_within_a_batch_loses_and_doubles_no_clients_rows(
    patient: Config, undelivered: None, launches: list[ForecastBatch], new_client: Callable[[], TestClient]
) -> None:
    """Before rows are loaded, and when the first client is done with."""
    clients = [new_client() for _ in range(2)]
    for client in clients:
        client.sell_daily({"A": 3}, days=30)
        ready(client)
    launch(patient, clients[0])
    (batch,) = launches
    with MortalWorker() as worker:
        fates = [worker.run("batch", clients[0].client_id, batch.id, dies_at=dies_at) for dies_at in (3, 8, None)]
    assert [fate.killed for fate in fates] == [True, True, False]
    assert fates[-1].said == "0"
    rows = (
        "SELECT COUNT(*) AS stored, COUNT(DISTINCT CONCAT(location_id, CAST(date_local AS STRING))) AS days "
        "FROM inventory.forecast_results WHERE client_id = @client_id AND run_date > '2000-01-01'"
    )
    for client in clients:
        assert run_of(client).published
        (counted,) = table_rows(Warehouse(config(), client.client_id), rows)
        assert counted["stored"] == counted["days"] > 90


def test_a_batch_comes_from_the_task_to_lists_on_cloud_run(client: TestClient) -> None:
    client.sell_daily({"A": 3}, days=30)
    run = client.finished(client.post("/etl/run"))
    assert run["status"] == "succeeded", run
    forecast = ForecastRuns(client.tenant).get(run["steps"][-2]["operation_id"])
    assert forecast is not None
    assert forecast.batch_id is not None
    eventually(lambda: ForecastBatches(database(config())).get(str(forecast.batch_id)).execution, "its execution")
