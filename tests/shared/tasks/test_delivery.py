"""Delivery: what was committed to the outbox reaches Cloud Tasks, also when its request died before."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from google.api_core.exceptions import NotFound
from google.cloud import tasks_v2

from shared.config import Config, config
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.outbox import Outbox
from shared.tasks.delivery import deliver, deliver_waiting
from shared.tasks.queue_client import tasks_client
from tests.support.tenants import TestClient

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # before any other test's entries


@pytest.fixture
def quiet(running: object) -> Config:
    """The configuration with a queue whose tasks lead nowhere."""
    return replace(config(), function_url="http://127.0.0.1:9/{function}")


def entry(client: TestClient, created_at: dt.datetime = LONG_AGO) -> OutboxEntry:
    made = OutboxEntry(uuid.uuid4().hex, client.client_id, "etl", "/internal/x", {"ü": 1}, created_at)
    client.tenant.transact(lambda transaction: Outbox(client.tenant).add(transaction, made))
    return made


def waiting(client: TestClient) -> list[str]:
    return [found.id for found in client.tenant.collection("outbox").stream()]


def name_of(entry: OutboxEntry) -> str:
    return f"{config().queue_path}/tasks/{entry.client_id}-{entry.id}"


def task(entry: OutboxEntry) -> tasks_v2.Task:
    full = name_of(entry)
    return tasks_client(config()).get_task(tasks_v2.GetTaskRequest(name=full, response_view=tasks_v2.Task.View.FULL))


def forget(entry: OutboxEntry) -> None:
    tasks_client(config()).delete_task(name=name_of(entry))


def test_an_entry_becomes_a_task_and_is_gone(client: TestClient, quiet: Config) -> None:
    made = entry(client)
    deliver(quiet, made)
    assert waiting(client) == []
    request = task(made).http_request
    assert request.url == "http://127.0.0.1:9/etl/internal/x"
    assert request.body.decode() == '{"\\u00fc": 1}'
    assert request.oidc_token.service_account_email == config().task_service_account
    assert request.oidc_token.audience == "http://127.0.0.1:9/etl"
    assert task(made).dispatch_deadline == dt.timedelta(minutes=30)
    forget(made)


def test_delivering_twice_makes_one_task(client: TestClient, quiet: Config) -> None:
    made = entry(client)
    deliver(quiet, made)
    deliver(quiet, made)
    forget(made)
    with pytest.raises(NotFound):
        task(made)
    deliver(quiet, made)  # its name stays taken after it is done
    with pytest.raises(NotFound):
        task(made)


def test_entries_of_two_clients_may_have_the_same_id(
    client: TestClient, new_client: Callable[[], TestClient], quiet: Config
) -> None:
    other = new_client()
    mine = entry(client)
    theirs = replace(mine, client_id=other.client_id)
    for each in (mine, theirs):
        deliver(quiet, each)
    for each in (mine, theirs):
        forget(each)


def test_what_waits_for_a_clients_database_has_a_queue_of_its_own(client: TestClient, quiet: Config) -> None:
    """Slow sources hold up no import: each queue has as many tasks under way as it may, whatever the other one has."""
    made = entry(client), replace(entry(client), path="/internal/sync")
    for each in made:
        deliver(quiet, each)
    names = [f"{path}/tasks/" for path in (config().queue_path, config().sync_queue_path)]
    found = [f"{name}{each.client_id}-{each.id}" for name, each in zip(names, made, strict=True)]
    for name in found:
        tasks_client(config()).delete_task(name=name)
    assert len(set(names)) == 2


def test_nothing_to_deliver_is_no_error(running: object) -> None:
    deliver(config(), None)


def test_while_cloud_tasks_is_out_of_reach_the_entry_waits(
    client: TestClient, quiet: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    made = entry(client)
    deliver(replace(quiet, tasks_emulator_host="127.0.0.1:9"), made)
    assert waiting(client) == [made.id]
    assert "task left in the outbox" in capsys.readouterr().out
    assert deliver_waiting(quiet, LONG_AGO + dt.timedelta(seconds=1)) == 1
    assert waiting(client) == []
    forget(made)


def test_only_entries_that_have_waited_are_delivered(client: TestClient, quiet: Config) -> None:
    old, new = entry(client), entry(client, LONG_AGO + dt.timedelta(minutes=1))
    assert deliver_waiting(quiet, LONG_AGO + dt.timedelta(seconds=30)) == 1
    assert waiting(client) == [new.id]
    assert deliver_waiting(quiet, LONG_AGO + dt.timedelta(minutes=2)) == 1
    for one in (old, new):
        forget(one)


def test_at_most_so_many_are_delivered_at_once(client: TestClient, quiet: Config) -> None:
    made = [entry(client) for _ in range(3)]
    soon = LONG_AGO + dt.timedelta(seconds=1)
    assert [deliver_waiting(quiet, soon, limit=2) for _ in range(3)] == [2, 1, 0]
    for one in made:
        forget(one)
