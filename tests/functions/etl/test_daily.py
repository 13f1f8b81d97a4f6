"""The scheduler's daily call: a run for every client whose day has come, one for each day, whatever befalls another."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from functions.etl import chain
from functions.etl.daily import DailyRuns, DailyRunsNotStarted, start_due
from shared.config import config
from shared.domain.operation import Operation, RunStep
from shared.firestore.clients import Clients
from shared.firestore.page import PageRequest
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.tenants import TODAY, TestClient

NIGHT = dt.datetime(2026, 11, 28, 2, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def clients(new_client: Callable[[], TestClient], monkeypatch: pytest.MonkeyPatch) -> list[TestClient]:
    """Three clients, in London; no other is registered. Nothing that is started reaches Cloud Tasks."""
    made = [new_client() for _ in range(3)]
    ids = {client.client_id for client in made}
    every = Clients.active
    monkeypatch.setattr(Clients, "active", lambda self: [each for each in every(self) if each.client_id in ids])
    monkeypatch.setattr("shared.tasks.starting.deliver", lambda *_: None)
    return made


def runs_of(client: TestClient) -> list[Operation]:
    return list(Operations(client.tenant).page(PageRequest(10)).items)


def change(client: TestClient, **fields: str) -> None:
    client.tenant.document.update(fields)


def test_each_client_has_one_run_of_its_day_however_often_it_is_called(clients: list[TestClient]) -> None:
    assert start_due(config(), NIGHT - HOUR) == DailyRuns(0, 0, 0, 0)
    assert start_due(config(), NIGHT) == DailyRuns(due=3, there=0, started=3, waiting=0)
    assert start_due(config(), NIGHT + HOUR) == DailyRuns(due=3, there=3, started=0, waiting=0)
    for client in clients:
        (run,) = runs_of(client)
        assert (run.id, run.kind, run.created_by) == ("daily-2026-11-28", "etl_run", "scheduler")
        assert run.parameters["date"] == TODAY.isoformat()  # what is forecast begins with the business date
        (entry,) = client.tenant.collection("outbox").stream()
        assert (entry.get("path"), entry.get("body")["operation_id"]) == ("/internal/advance", run.id)


def test_of_two_calls_at_once_each_client_has_one_run(clients: list[TestClient]) -> None:
    outcomes: list[DailyRuns] = []
    calls = [threading.Thread(target=lambda: outcomes.append(start_due(config(), NIGHT))) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(outcomes) == 4
    assert [len(runs_of(client)) for client in clients] == [1, 1, 1]
    assert [len(list(client.tenant.collection("outbox").stream())) for client in clients] == [1, 1, 1]


def test_days_follow_each_other_over_midnight_and_over_a_change_of_clocks(clients: list[TestClient]) -> None:
    """New York puts its clock back on 2026-11-01, Beirut its on 2026-10-25 at midnight; every hour somebody calls."""
    _, new_york, beirut = clients
    change(new_york, timezone="America/New_York")
    change(beirut, timezone="Asia/Beirut")
    first = dt.datetime(2026, 10, 24, 0, tzinfo=dt.UTC)
    for hour in range(0, 9 * 24, 3):
        start_due(config(), first + hour * HOUR)
    for client in clients:
        ids = [run.id for run in Operations(client.tenant).page(PageRequest(20)).items]
        assert len(ids) == len(set(ids))
        assert {f"daily-2026-10-{day}" for day in range(25, 32)} <= set(ids)


def test_one_clients_trouble_is_no_others(
    clients: list[TestClient], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = clients[0]
    steps_of = chain.steps_of

    def sources_are_broken(tenant: Tenant) -> tuple[RunStep, ...]:
        if tenant.client_id == broken.client_id:
            raise ValueError("a source that cannot be read")
        return steps_of(tenant)

    monkeypatch.setattr(chain, "steps_of", sources_are_broken)
    with pytest.raises(DailyRunsNotStarted, match="1 of 3 daily runs could not be started"):
        start_due(config(), NIGHT)
    assert "a source that cannot be read" in capsys.readouterr().out
    assert [len(runs_of(client)) for client in clients] == [0, 1, 1]
    monkeypatch.setattr(chain, "steps_of", steps_of)
    assert start_due(config(), NIGHT + HOUR).started == 1


def test_a_zone_that_is_none_stops_no_other_client(clients: list[TestClient]) -> None:
    change(clients[0], business_date="", timezone="Atlantis/Capital")
    with pytest.raises(DailyRunsNotStarted):
        start_due(config(), NIGHT)
    assert [len(runs_of(client)) for client in clients] == [0, 1, 1]


def test_a_run_that_somebody_has_started_is_waited_for(clients: list[TestClient]) -> None:
    client = clients[0]
    by_hand = client.post("/etl/run").json()["id"]
    moment = dt.datetime.now(dt.UTC).replace(hour=3)
    assert start_due(config(), moment) == DailyRuns(due=3, there=0, started=2, waiting=1)
    client.post(f"/operations/{by_hand}/cancel")
    assert start_due(config(), moment) == DailyRuns(due=3, there=2, started=1, waiting=0)


def test_what_a_call_costs_when_all_is_there(clients: list[TestClient], meter: FirestoreMeter) -> None:
    start_due(config(), NIGHT)
    meter.reset()
    start_due(config(), NIGHT + HOUR)
    # One call for all, which the meter counts for one of them.
    assert sum((meter.of(client.client_id) for client in clients), Billed()) == Billed(reads=3)


def test_users_do_not_get_in(client: TestClient) -> None:
    assert_problem(client.post("/etl/internal/daily", json={}), 401, "task_token_invalid")
