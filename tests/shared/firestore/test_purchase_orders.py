"""Orders as documents: read back as written, paged by indexed queries, numbered without gaps."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import Invalid, NotFound
from shared.domain.purchasing.order_filter import OrderFilter
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import OpenOrderLine
from shared.domain.purchasing.purchase_order import (
    OrderHeader,
    OrderLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    placed_order,
    po_number,
)
from shared.firestore.order_lists import OrderLists
from shared.firestore.page import PageRequest
from shared.firestore.purchase_orders import OpenOrders, PurchaseOrders
from shared.firestore.transaction import Transaction
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

AT = dt.datetime(2024, 6, 3, 12, 30, tzinfo=dt.UTC)


def line(item_id: str = "a", quantity: str = "10.000") -> OrderLine:
    return OrderLine(item_id, f"The {item_id}", Decimal(quantity), Decimal("0.000"), Decimal("2.50"), 5)


def order(number: int = 1, *lines: OrderLine, **fields: Any) -> PurchaseOrder:
    header: dict[str, Any] = {"supplier_id": "acme", "location_id": "LONDON", "order_date": TODAY} | fields
    return placed_order(
        OrderHeader(
            id=f"o/{number}",
            po_number=po_number(2024, number),
            supplier_name="Acme Ltd",
            currency="GBP",
            **header,
        ),
        lines or (line(),),
        "buyer",
        AT,
    )


def save(client: TestClient, *orders: PurchaseOrder) -> None:
    store = PurchaseOrders(client.tenant)

    def write(transaction: Transaction) -> None:
        for one in orders:
            store.place(transaction, one)

    client.tenant.transact(write)


def receive(found: PurchaseOrder, receipt_id: str, **arrived: str) -> PurchaseOrder:
    lines = tuple(ReceiptLine(item, Decimal(units)) for item, units in arrived.items())
    return found.received(Receipt(receipt_id, AT, "clerk", "DUBLIN", lines, "wet"), Decimal("0.5"))


def test_an_order_comes_back_as_it_was(client: TestClient, meter: FirestoreMeter) -> None:
    confirmed = order(1, line(), line("b|% /", "0.001"), notes="by lorry").moved(OrderStatus.CONFIRMED, AT, "buyer")
    kept = receive(confirmed, "r", a="12.5")
    save(client, kept)
    meter.reset()
    stored = PurchaseOrders(client.tenant).get("o/1")
    found = stored.value
    assert found == kept
    assert [str(one.received) for one in found.lines] == ["12.500", "0.000"]
    assert stored.version
    assert meter.of(client.client_id) == Billed(reads=1)


def test_an_order_that_is_not_there(client: TestClient, new_client: Any) -> None:
    save(client, order(1))
    with pytest.raises(NotFound, match="no purchase order 'o/1'"):
        PurchaseOrders(new_client().tenant).get("o/1")


def test_several_orders_in_one_call(client: TestClient) -> None:
    save(client, order(1), order(2))
    found = PurchaseOrders(client.tenant).get_many(["o/2", "missing", "o/1"])
    assert [one.id for one in found] == ["o/2", "o/1"]
    assert PurchaseOrders(client.tenant).get_many([]) == []


def test_orders_that_one_request_placed_are_found_by_it(client: TestClient) -> None:
    placed = [
        replace(order(number), id=f"{request}-{number}") for number, request in enumerate(["ab", "ab", "abc", "b"])
    ]
    save(client, *placed)
    assert [order.value for order in PurchaseOrders(client.tenant).placed_by("ab")] == placed[:2]
    assert PurchaseOrders(client.tenant).placed_by("a") == []


def test_an_order_larger_than_a_document_is_refused(client: TestClient) -> None:
    large = order(1, *(line(f"{number}{'x' * 490}") for number in range(500)))
    huge = order(2, *(line(f"{number}{'漢' * 490}") for number in range(500)))
    save(client, large)
    with pytest.raises(Invalid) as refused:
        save(client, huge)
    assert (refused.value.code, PurchaseOrders(client.tenant).get_many(["o/2"])) == ("order_too_large", [])
    assert "allowed are 950,000" in refused.value.detail


@pytest.fixture(scope="module")
def several(running: Running) -> TestClient:
    """Eight orders of two suppliers on four days, numbered as they were placed."""
    client = TestClient(running.base_url).create()
    made = []
    for number in range(1, 9):
        placed = order(
            number, supplier_id="acme" if number % 2 else "fast", order_date=TODAY + dt.timedelta(number // 2)
        )
        status = {0: OrderStatus.CANCELLED, 1: OrderStatus.CONFIRMED}.get(number % 3)
        made.append(placed if status is None else placed.moved(status, AT, "buyer"))
    save(client, *made)
    return client


def numbers(client: TestClient, size: int = 50, **wanted: Any) -> list[int]:
    """The orders of all pages, by number."""
    listed: list[int] = []
    position = None
    while True:
        found, position, _ = OrderLists(client.tenant).page(PageRequest(size, position=position), OrderFilter(**wanted))
        listed += [int(row.value.po_number[-6:]) for row in found]
        if position is None:
            return listed


@pytest.mark.parametrize("size", [1, 3, 8, 50])
def test_pages_hold_every_order_once_the_newest_first(several: TestClient, size: int) -> None:
    assert numbers(several, size) == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"supplier_ids": ["fast"]}, [8, 6, 4, 2]),
        ({"supplier_ids": ["nobody"]}, []),
        ({"statuses": [OrderStatus.PENDING]}, [8, 5, 2]),
        ({"statuses": [OrderStatus.PENDING, OrderStatus.CANCELLED]}, [8, 6, 5, 3, 2]),
        ({"statuses": [OrderStatus.PENDING], "supplier_ids": ["fast"]}, [8, 2]),
        ({"from_date": TODAY + dt.timedelta(3)}, [8, 7, 6]),
        ({"to_date": TODAY + dt.timedelta(1)}, [3, 2, 1]),
        ({"from_date": TODAY + dt.timedelta(1), "to_date": TODAY + dt.timedelta(2)}, [5, 4, 3, 2]),
        ({"from_date": TODAY + dt.timedelta(1), "supplier_ids": ["acme"]}, [7, 5, 3]),
        ({"to_date": TODAY + dt.timedelta(2), "statuses": [OrderStatus.PENDING], "supplier_ids": ["acme"]}, [5]),
    ],
)
def test_filters_narrow_together_on_every_page(several: TestClient, wanted: dict[str, Any], found: list[int]) -> None:
    assert numbers(several, **wanted) == found
    assert numbers(several, 2, **wanted) == found


def test_a_page_says_what_an_order_comes_to(client: TestClient) -> None:
    partly = receive(order(1, line(), line("b")).moved(OrderStatus.CONFIRMED, AT, "buyer"), "r", a="12.5")
    save(client, partly)
    (row,) = OrderLists(client.tenant).page(PageRequest(2), OrderFilter()).items
    found = row.value
    assert found == partly.summary
    assert (found.total_amount, found.line_count, found.outstanding_line_count) == (Decimal("50.00"), 2, 1)


@pytest.mark.parametrize("position", ["", "garbage", "2024-06-03", "2024-06-03 ", "x PO-2024-000001"])
def test_a_position_that_no_page_gave_is_refused(several: TestClient, position: str) -> None:
    with pytest.raises(Invalid) as refused:
        OrderLists(several.tenant).page(PageRequest(2, position=position), OrderFilter())
    assert refused.value.code == "invalid_page_token"


def test_numbers_have_no_gaps_and_start_anew_each_year(client: TestClient) -> None:
    store = PurchaseOrders(client.tenant)

    def take(year: int, count: int = 1) -> int:
        return client.tenant.transact(lambda transaction: store.next_number(transaction, year, count))

    assert [take(2024), take(2024, 3), take(2024), take(2025), take(2024)] == [1, 2, 5, 1, 6]


def test_writers_at_once_take_different_numbers(client: TestClient) -> None:
    store = PurchaseOrders(client.tenant)

    def take(_: int) -> int:
        return client.tenant.transact(lambda transaction: store.next_number(transaction, 2024))

    with ThreadPoolExecutor(10) as writers:
        assert sorted(writers.map(take, range(10))) == list(range(1, 11))


def test_a_number_that_was_taken_by_a_failed_transaction_is_not_lost(client: TestClient) -> None:
    store = PurchaseOrders(client.tenant)

    def fail(transaction: Transaction) -> None:
        store.next_number(transaction, 2024)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        client.tenant.transact(fail)
    assert client.tenant.transact(lambda transaction: store.next_number(transaction, 2024)) == 1


def test_open_orders_count_what_is_still_to_come(client: TestClient) -> None:
    confirmed = [
        order(1, line("a"), line("b", "3.000")).moved(OrderStatus.CONFIRMED, AT, "buyer"),
        order(2).moved(OrderStatus.CONFIRMED, AT, "buyer"),
    ]
    partly = receive(confirmed[0], "r", a="4.5", b="4.5")  # more than ordered came of b: nothing is outstanding
    received = receive(confirmed[1], "r", a="10")
    save(client, partly, received, order(3, line("a", "7.000"), location_id=None), order(4, line("c")))
    first = OpenOrderLine("o/1", "PO-2024-000001", "a", "LONDON", Decimal("5.500"), dt.date(2024, 6, 8))
    third = OpenOrderLine("o/3", "PO-2024-000003", "a", None, Decimal(7), dt.date(2024, 6, 8))
    lines = sorted(OpenOrders(client.tenant).lines(), key=lambda one: one.order_id)
    assert [one for one in lines if one.item_id == "a"] == [first, third]
    assert [one.item_id for one in lines] == ["a", "a", "c"]
    assert sorted(OpenOrders(client.tenant).lines_of_item("a"), key=lambda one: one.order_id) == [first, third]
    orders = {order.id: order for order in OpenOrders(client.tenant).of_item("a")}
    outstanding = {name: order.lines[0].outstanding for name, order in orders.items()}
    assert outstanding == {"o/1": Decimal("5.5"), "o/3": Decimal(7)}
    assert orders["o/1"].status is OrderStatus.PARTIALLY_RECEIVED
