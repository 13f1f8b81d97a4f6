"""Webhooks: signed, told once, repeated until they are taken, sent again on request."""

from __future__ import annotations

import base64
import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from functions.notifications.sending import send
from shared.config import config
from shared.domain.errors import Conflict
from shared.domain.notification import NotificationEvent, NotificationStatus
from shared.firestore.notifications import Notifications
from shared.firestore.outbox import Outbox
from shared.firestore.settings import SettingsStore
from shared.tasks.announcing import Announcement, announce
from tests.support.importer import Importer, new_importer
from tests.support.problems import assert_problem
from tests.support.receiver import Receiver, listening
from tests.support.running import Running
from tests.support.tenants import TestClient, eventually

KEY, PREVIOUS = (f"whsec_{base64.b64encode(text).decode()}" for text in (b"a" * 24, b"b" * 24))
NOW = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)  # the queue makes no attempt of its own


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture
def shop(running: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Importer:
    """A client whose webhook is the receiver."""
    monkeypatch.setenv("STOCKCAST_SECRET_HOOK", KEY)
    importer = new_importer(TestClient(running.base_url))
    targets = {"webhook_url": receiver.url("/hook"), "secret": "hook"}
    saved = importer.client.call("PUT", "/settings", json={"notifications": targets})
    assert saved.status_code == 200, saved.text
    return importer


def announced(shop: Importer, at: dt.datetime = NOW) -> str:
    """The id of a notification that waits for its first attempt."""
    targets = SettingsStore(shop.tenant).get().value.notifications
    told = Announcement(NotificationEvent.RUN_FAILED, ("a run",), at, {"run_id": "r1"})
    entry = shop.tenant.transact(lambda transaction: announce(shop.tenant, transaction, targets, told))
    assert entry is not None
    Outbox(shop.tenant).delivered(entry.id)
    return str(entry.body["notification_id"])


def test_the_end_of_runs_is_told_once_and_recovery_too(shop: Importer) -> None:
    for _ in range(2):
        assert shop.imported("nothing\n1\n")["error"]["code"] == "missing_columns"
    shop.imported("nothing\n1\n", dry_run="true")
    good = "item_id,location_id,date,quantity\na,LONDON,2011-10-01,4\n"
    bad = good + "b,LONDON,2011-10-01,many\n"
    for content in (bad, good, bad):
        shop.imported(content)

    page = shop.get("/notifications").json()

    assert sorted(told["event"] for told in page["items"]) == ["run.failed", "run.partial", "run.recovered"]
    failed = next(told for told in page["items"] if told["event"] == "run.failed")
    assert failed["payload"]["data"]["error"]["code"] == "missing_columns"
    assert (failed["status"], failed["attempts"]) == ("pending", [])


def test_a_webhook_is_called_until_it_takes_what_it_can_verify(
    shop: Importer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKCAST_SECRET_HOOK_PREVIOUS", PREVIOUS)
    statuses = iter([500, 302, 404, 204])
    receiver.answer = lambda _: next(statuses)
    notification_id = announced(shop, dt.datetime.now(dt.UTC))
    clock = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)

    told = [send(config(), shop.tenant, notification_id, number, lambda: clock) for number in (0, 0, 1, 2, 3, 3)]

    assert told == ["pending"] * 4 + ["delivered"] * 2
    assert len(receiver.received) == 4
    for request in receiver.received:
        assert request.headers["webhook-id"] == notification_id
        for secret in (KEY, PREVIOUS):
            assert Webhook(secret).verify(request.body, request.headers)["type"] == "run.failed"
    shown = shop.get("/notifications").json()["items"][0]
    assert [attempt["status_code"] for attempt in shown["attempts"]] == [500, 302, 404, 204]
    assert KEY not in str(shown)

    receiver.answer = lambda _: 200
    again = shop.client.post(f"/notifications/{notification_id}/resend")
    assert again.status_code == 200, again.text
    stored = Notifications(shop.tenant)
    eventually(lambda: len(stored.get(notification_id).value.attempts) == 5, "the notification to be sent again")
    assert {request.headers["webhook-id"] for request in receiver.received} == {notification_id}
    assert_problem(shop.client.post("/notifications/none/resend"), 404, "notification_not_found")


def test_after_a_day_it_is_given_up(shop: Importer, receiver: Receiver) -> None:
    receiver.answer = lambda _: 503
    notification_id = announced(shop)

    assert send(config(), shop.tenant, notification_id, 0, lambda: NOW) is NotificationStatus.PENDING
    pending = Notifications(shop.tenant).get(notification_id).value
    assert pending.next_attempt_at() == NOW + dt.timedelta(seconds=10)
    later = NOW + dt.timedelta(days=1)
    assert send(config(), shop.tenant, notification_id, 1, lambda: later) is NotificationStatus.FAILED


def test_the_same_task_twice_at_once_calls_once(shop: Importer, receiver: Receiver) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def slow(_: object) -> int:
        arrived.set()
        go_on.wait(5)
        return 200

    receiver.answer = slow
    notification_id = announced(shop)
    first = threading.Thread(target=send, args=(config(), shop.tenant, notification_id, 0, lambda: NOW))
    first.start()
    assert arrived.wait(5)
    with pytest.raises(Conflict, match="is being sent"):
        send(config(), shop.tenant, notification_id, 0, lambda: NOW)
    go_on.set()
    first.join()

    assert Notifications(shop.tenant).get(notification_id).value.status is NotificationStatus.DELIVERED
    assert len(receiver.received) == 1


def test_a_webhook_needs_a_secret(shop: Importer) -> None:
    body = {"notifications": {"webhook_url": "https://a.example/", "secret": None}}
    assert_problem(shop.client.call("PUT", "/settings", json=body), 422, "webhook_not_signed")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://169.254.169.254/computeMetadata/", "address_not_allowed"),
        ("https://10.1.2.3/hook", "address_not_allowed"),
        ("http://1.1.1.1/hook", "unusable_url"),
        ("https://ann:word@a.example/hook", "unusable_url"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_webhook_that_would_not_be_called_is_refused_when_it_is_set(
    shop: Importer, method: str, url: str, code: str
) -> None:
    body = {"notifications": {"webhook_url": url, "secret": "hook"}}
    problem = assert_problem(shop.client.call(method, "/settings", json=body), 422, code)
    assert problem["errors"][0]["pointer"] == "/notifications/webhook_url"
    set_before = shop.get("/settings").json()["notifications"]["webhook_url"]
    assert set_before.startswith("http://127.0.0.1")
    body["notifications"]["webhook_url"] = "https://no-such-host.invalid/hook"  # it may have an address tomorrow
    assert shop.client.call(method, "/settings", json=body).status_code == 200
