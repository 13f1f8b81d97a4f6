"""Events of orders in BigQuery: one row each, however often and by however many tasks they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import jwt
import pytest
import requests

from functions.purchase_orders.events import export_order_events, order_events
from infra.local.emulators.oidc import TokenIssuer
from shared.bigquery.tables import ORDER_EVENTS
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.client import Client
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import (
    OrderHeader,
    OrderLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    placed_order,
)
from shared.firestore.receipts import Receipts
from shared.firestore.transaction import Transaction
from tests.support.orders import put_order
from tests.support.problems import assert_problem
from tests.support.sql import table_rows
from tests.support.tenants import TestClient, eventually

AT = dt.datetime(2024, 6, 3, 23, 30, tzinfo=dt.UTC)  # the 4th in London, where it is summer
LONDON = Client("c", "A client", timezone="Europe/London")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ALL_EVENTS = (
    f"SELECT {', '.join(ORDER_EVENTS.column_names)} "
    "FROM inventory.purchase_order_events WHERE client_id = @client_id AND date > '1990-01-01' ORDER BY event_id"
)


@pytest.fixture(autouse=True)
def exports() -> None:
    """As they are."""


def placed(order_id: str = "o1", *items: str) -> PurchaseOrder:
    """10 units of each item at 2.50, ordered on 2024-06-04, requested for the 14th."""
    header = OrderHeader(
        id=order_id,
        po_number="PO-2024-000001",
        supplier_id="acme",
        supplier_name="Acme Ltd",
        location_id="LONDON",
        currency="GBP",
        order_date=dt.date(2024, 6, 4),
    )
    lines = [
        OrderLine(item, item.title(), Decimal("10.000"), Decimal("0.000"), Decimal("2.50"), 10)
        for item in items or ("a", "b/1")
    ]
    return placed_order(header, lines, "buyer", AT)


def receipt(number: int, at: dt.datetime, location_id: str | None = "LONDON", **arrived: str) -> Receipt:
    lines = tuple(ReceiptLine(item, Decimal(quantity)) for item, quantity in arrived.items())
    return Receipt(f"r{number}", at, "clerk", location_id, lines)


RECEIPTS = [
    replace(receipt(1, AT + 10 * DAY, a="10"), number=1),
    replace(receipt(2, AT + 13 * DAY, "DUBLIN", b="2.5"), number=2),
]


def put_receipts(client: TestClient, order_id: str, *receipts: Receipt) -> None:
    def write(transaction: Transaction) -> None:
        for received in receipts:
            Receipts(client.tenant).create(transaction, order_id, received)

    client.tenant.transact(write)


def delivered() -> PurchaseOrder:
    """Confirmed for two days later, received in two parts, closed short."""
    order = placed("o1", "a", "b").moved(OrderStatus.CONFIRMED, AT + HOUR, "buyer", None, dt.date(2024, 6, 16))
    for received in RECEIPTS:
        order = order.received(received, Decimal(0))
    return order.moved(OrderStatus.CLOSED, AT + 14 * DAY, "buyer", "the rest never came")


def brief(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("event_id", "event", "item_id", "quantity", "promised_date", "location_id"))


def test_an_order_tells_everything_that_happened_to_it() -> None:
    first, second = dt.date(2024, 6, 14), dt.date(2024, 6, 16)
    assert [brief(row) for row in order_events(delivered(), RECEIPTS, LONDON)] == [
        ("o1/h0/a", "created", "a", Decimal(10), first, "LONDON"),
        ("o1/h0/b", "created", "b", Decimal(10), first, "LONDON"),
        ("o1/h1/a", "confirmed", "a", Decimal(10), second, "LONDON"),
        ("o1/h1/b", "confirmed", "b", Decimal(10), second, "LONDON"),
        ("o1/h2", "partially_received", None, None, None, "LONDON"),
        ("o1/h3", "closed", None, None, None, "LONDON"),
        ("o1/r1/a", "receipt", "a", Decimal(10), second, "LONDON"),
        ("o1/r2/b", "receipt", "b", Decimal("2.5"), second, "DUBLIN"),
    ]


def test_an_event_is_on_the_clients_day() -> None:
    """Promised dates are the client's days too: goods that arrive on the last evening are in time."""
    rows = list(order_events(delivered(), RECEIPTS, LONDON))
    assert [row["date"].day for row in rows] == [4, 4, 4, 4, 14, 18, 14, 17]
    assert {row["occurred_at"] for row in rows if row["event"] == "created"} == {AT}
    replay = replace(LONDON, business_date=dt.date(2011, 10, 13))
    assert {row["date"] for row in order_events(delivered(), RECEIPTS, replay)} == {dt.date(2011, 10, 13)}


def test_spend_can_be_told_from_the_rows() -> None:
    rows = list(order_events(delivered(), RECEIPTS, LONDON))
    ordered = sum(row["quantity"] * row["unit_cost"] for row in rows if row["event"] == "created")
    received = sum(row["quantity"] * row["unit_cost"] for row in rows if row["event"] == "receipt")
    assert (ordered, received) == (delivered().total_amount, Decimal("31.25"))


def test_what_was_told_stays_as_it_was_told() -> None:
    """Each later state of an order has the rows of every state before it, unchanged."""
    order = placed("o1", "a", "b")
    states = [order, order.moved(OrderStatus.CONFIRMED, AT + HOUR, "buyer", None, dt.date(2024, 8, 1))]
    receipts = [receipt(1, AT + DAY, a="4"), receipt(2, AT + 2 * DAY, a="6", b="10")]
    for number, received in enumerate(receipts, 1):
        receipts[number - 1] = replace(received, number=number)
        states.append(states[-1].received(receipts[number - 1], Decimal(0)))
    for before, after in pairwise(states):
        told, rows = (list(order_events(state, receipts[: state.receipt_count], LONDON)) for state in (before, after))
        assert len(rows) > len(told)
        assert all(row in rows for row in told)


# In BigQuery


def stored(client: TestClient) -> list[dict[str, Any]]:
    return table_rows(Warehouse(config(), client.client_id), ALL_EVENTS)


def export(client: TestClient, *order_ids: str, receipt_ids: Sequence[str] = ()) -> int:
    return export_order_events(config(), client.tenant, order_ids, receipt_ids)


def expected(client: TestClient, *orders: PurchaseOrder, receipts: Sequence[Receipt] = ()) -> list[tuple[Any, ...]]:
    found = Client(client.client_id, "", timezone="Europe/London", business_date=dt.date(2024, 6, 3))
    return sorted(
        (brief(row) for order in orders for row in order_events(order, receipts, found)), key=lambda row: row[0]
    )


def test_rows_are_written_once_however_often(client: TestClient) -> None:
    put_order(client, delivered())
    put_receipts(client, "o1", *RECEIPTS)
    assert export(client, "o1", receipt_ids=["r1", "r2", "none"]) == 8
    first = stored(client)
    assert [brief(row) for row in first] == expected(client, delivered(), receipts=RECEIPTS)
    assert {row["client_id"] for row in first} == {client.client_id}
    assert {row["supplier_id"] for row in first} == {"acme"}
    assert {row["unit_cost"] for row in first if row["item_id"]} == {Decimal("2.50")}
    assert export(client, "o1", "o1") == 0
    assert stored(client) == first


def test_only_what_is_new_is_written_after_a_change(client: TestClient) -> None:
    order = placed()
    put_order(client, order)
    assert export(client, "o1") == 2
    order = order.moved(OrderStatus.CONFIRMED, AT + HOUR, "buyer", None, dt.date(2024, 6, 20))
    put_order(client, order)
    assert export(client, "o1") == 2
    received = replace(receipt(1, AT + DAY, a="10"), number=1)
    order = order.received(received, Decimal(0))
    put_order(client, order)
    put_receipts(client, "o1", received)
    assert export(client, "o1", receipt_ids=["r1"]) == 2
    assert [brief(row) for row in stored(client)] == expected(client, order, receipts=[received])


def test_tasks_that_run_at_once_write_each_row_once(client: TestClient) -> None:
    """Each order's own task, tasks that come twice, and one that names them all."""
    orders = [placed(f"o{number}", *(f"i{item}" for item in range(5))) for number in range(4)]
    for order in orders:
        put_order(client, order)
    tasks = [(order.id,) for order in orders] * 2 + [tuple(order.id for order in orders)]
    with ThreadPoolExecutor(len(tasks)) as pool:
        for done in [pool.submit(export, client, *task) for task in tasks]:
            done.result()
    assert [brief(row) for row in stored(client)] == expected(client, *orders)


def test_a_task_killed_before_its_end_leaves_nothing_half_done(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_order(client, placed())

    def killed(*_: object, **__: object) -> int:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Warehouse, "merge", killed)
        with pytest.raises(SystemExit):
            export(client, "o1")
    assert stored(client) == []
    assert export(client, "o1") == 2


def test_orders_that_are_not_there_are_passed_over(client: TestClient) -> None:
    put_order(client, placed())
    assert export(client, "none", "o1") == 2
    assert export(client, "none") == 0
    assert export(client) == 0


def test_a_change_of_timezone_doubles_nothing(client: TestClient) -> None:
    put_order(client, placed())
    client.create(business_date=None)
    assert export(client, "o1") == 2
    client.create(business_date=None, timezone="Pacific/Honolulu")
    assert export(client, "o1") == 2
    assert {row["date"] for row in stored(client)} == {dt.date(2024, 6, 3)}
    assert len(stored(client)) == 2


def test_what_was_taken_from_a_pending_order_was_not_ordered(client: TestClient) -> None:
    order = placed("o1", "a", "b")
    put_order(client, order)
    export(client, "o1")
    put_order(client, replace(order, lines=order.lines[:1]))
    assert export_order_events(config(), client.tenant, ["o1"], removed_item_ids=["b"]) == 1
    assert {row["item_id"]: row["quantity"] for row in stored(client)} == {"a": 10, "b": 0}
    put_order(client, order)
    assert export(client, "o1") == 1
    assert {row["item_id"]: row["quantity"] for row in stored(client)} == {"a": 10, "b": 10}


# As a task


@pytest.fixture
def task_header(running: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The header of a task for this function."""
    issuer = TokenIssuer(config().oidc_issuer)
    keys = jwt.PyJWKClient("http://127.0.0.1:9/certs")
    monkeypatch.setattr(keys, "fetch_data", issuer.jwks)
    monkeypatch.setattr("shared.http.oidc._keys", lambda _: keys)
    token = issuer.token(config().task_service_account, config().url_of("purchase-orders"))
    return {"Authorization": f"Bearer {token}"}


def test_the_task_writes_the_events_of_its_clients_orders_alone(
    client: TestClient, new_client: Callable[[], TestClient], task_header: dict[str, str]
) -> None:
    other = new_client()
    put_order(client, placed())
    put_order(other, placed("theirs"))
    url = f"{client.base_url}/purchase-orders/internal/export-events"
    body = {"client_id": client.client_id, "order_ids": ["o1", "theirs"], "receipt_ids": [], "removed_item_ids": []}
    answers = [requests.post(url, json=body, headers=task_header, timeout=60) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"rows_changed": 2}, {"rows_changed": 0}]
    assert {row["order_id"] for row in stored(client)} == {"o1"}
    assert stored(other) == []


def test_users_do_not_get_in(client: TestClient) -> None:
    path = "/purchase-orders/internal/export-events"
    assert_problem(
        client.post(path, json={"client_id": "x", "order_ids": [], "receipt_ids": [], "removed_item_ids": []}),
        401,
        "task_token_invalid",
    )


def test_a_changed_order_is_told_to_bigquery(client: TestClient) -> None:
    """Through the outbox and the queue, as in the cloud."""
    put_order(client, placed())
    moved = client.call("PUT", "/purchase-orders/o1/status", json={"status": "confirmed"})
    assert moved.status_code == 200, moved.text
    rows = eventually(lambda: stored(client), "the events to be written")
    assert {row["event"] for row in rows} == {"created", "confirmed"}
