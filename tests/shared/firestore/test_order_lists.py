"""Lists of orders: whatever the sort and the filter, the same as sorting and filtering all of them here."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import Invalid
from shared.domain.folding import sorting_key
from shared.domain.purchasing.order_filter import OrderField, OrderFilter, OrderSort, TooManyOrders, parse_order_sort
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderLine, OrderSummary, PurchaseOrder
from shared.firestore import order_lists
from shared.firestore.order_lists import OrderLists
from shared.firestore.page import PageRequest
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

SUPPLIERS = (("acme", "Acme Ltd"), ("best", "Ämilie & Sons"), ("cheap", "b-goods"))
AMOUNTS = ("0.00", "9.99", "10.00", "100.00", "100.00", "1000000000000.50")


def _line(item_id: str, amount: str) -> OrderLine:
    return OrderLine(item_id, "A thing", Decimal("1.000"), Decimal("0.000"), Decimal(amount), 5)


def _made(number: int) -> PurchaseOrder:
    """Of three suppliers and every status, on few days, so that each sort has ties."""
    supplier_id, name = SUPPLIERS[number % 3]
    return order(
        number,
        status=list(OrderStatus)[number % 7],
        order_date=TODAY - dt.timedelta(number % 4),
        expected_delivery_date=TODAY + dt.timedelta(number % 5 - 2),
        created_at=dt.datetime(2024, 6, 1, 9, number % 3, tzinfo=dt.UTC),
        supplier_id=supplier_id,
        supplier_name=name,
        lines=(_line(f"item-{number % 6}", AMOUNTS[number % 6]),),
    )


ORDERS = [_made(number) for number in range(1, 25)]


@pytest.fixture(scope="module")
def several(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    for placed in ORDERS:
        put_order(client, placed)
    return client


def listed(client: TestClient, size: int, wanted: OrderFilter, sort: tuple[OrderSort, ...]) -> list[OrderSummary]:
    """Every page by token; each by its number is the same."""
    found: list[OrderSummary] = []
    position = None
    for number in itertools.count(1):
        page = OrderLists(client.tenant).page(PageRequest(size, number, position), wanted, sort)
        by_number = OrderLists(client.tenant).page(PageRequest(size, number), wanted, sort)
        assert [row.value for row in by_number.items] == [row.value for row in page.items]
        assert by_number.total == page.total
        found += [row.value for row in page.items]
        position = page.following
        if position is None:
            assert page.total == len(found)
            return found
    raise AssertionError


def value(summary: OrderSummary, field: OrderField) -> Any:
    return sorting_key(summary.supplier_name) if field is OrderField.SUPPLIER_NAME else getattr(summary, field.value)


FILTERS: tuple[OrderFilter, ...] = (
    OrderFilter(),
    OrderFilter(statuses=[OrderStatus.PENDING, OrderStatus.SHIPPED, OrderStatus.CLOSED]),
    OrderFilter(supplier_ids=["acme", "cheap"]),
    OrderFilter(statuses=[OrderStatus.PENDING, OrderStatus.CONFIRMED], supplier_ids=["best"]),
    OrderFilter(from_date=TODAY - dt.timedelta(2), to_date=TODAY - dt.timedelta(1)),
    OrderFilter(statuses=list(OrderStatus), supplier_ids=["acme", "best"], from_date=TODAY - dt.timedelta(2)),
    OrderFilter(statuses=list(OrderStatus), supplier_ids=["a", "b", "c", "acme", "best"]),  # 35 disjunctions
    OrderFilter(overdue_on=TODAY),
    OrderFilter(overdue_on=TODAY, supplier_ids=["acme"]),
    OrderFilter(overdue_on=TODAY, statuses=[OrderStatus.SHIPPED, OrderStatus.CLOSED], from_date=TODAY),
    OrderFilter(search="item-3"),
    OrderFilter(search="ÄMI", statuses=[OrderStatus.RECEIVED]),
    OrderFilter(search="po-2024-000012"),
    OrderFilter(search="00001"),
    OrderFilter(search="nothing of it", searched_items={"item-1"}),
)


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: repr(wanted)[12:80])
def test_every_sort_and_filter_is_what_it_says(several: TestClient, wanted: OrderFilter) -> None:
    expected = [one.summary for one in ORDERS if wanted.admits(one.summary, {line.item_id for line in one.lines})]
    assert expected
    for field, descending in itertools.product(OrderField, (False, True)):
        found = listed(several, 5, wanted, (OrderSort(field, descending),))
        assert sorted(found, key=lambda summary: summary.id) == sorted(expected, key=lambda summary: summary.id)
        values = [value(summary, field) for summary in found]
        assert values == sorted(values, reverse=descending)
    sort = parse_order_sort("status,-total_amount")
    found = listed(several, 7, wanted, sort)
    keys = [(summary.status, -summary.total_amount) for summary in found]
    assert keys == sorted(keys)
    assert len(found) == len(expected)


def test_what_lists_cost(several: TestClient, meter: FirestoreMeter) -> None:
    def reads(wanted: OrderFilter, sort: str | None = None, size: int = 5, number: int = 1) -> int:
        meter.reset()
        OrderLists(several.tenant).page(PageRequest(size, number), wanted, parse_order_sort(sort))
        return meter.of(several.client_id).reads

    assert reads(OrderFilter()) == 5 + 1  # the page, and the total
    assert reads(OrderFilter(statuses=[OrderStatus.PENDING]), "-total_amount", size=2) == 2 + 1
    assert reads(OrderFilter(), number=2) == 10 + 1  # those that the page's number skips
    assert reads(OrderFilter(search="PO-2024-000012")) == 1
    wanted = OrderFilter(overdue_on=TODAY)
    late = [order for order in ORDERS if wanted.admits(order.summary, ())]
    assert 0 < len(late) < len([order for order in ORDERS if order.is_open])
    assert reads(wanted) == len(late)
    assert reads(wanted, "status,po_number") == len(late)
    assert reads(replace(wanted, statuses=[OrderStatus.CLOSED])) <= len(late)
    assert reads(OrderFilter(search="acme", supplier_ids=["acme"])) == len(ORDERS) // 3
    assert reads(OrderFilter(search="acme", from_date=TODAY)) == len(ORDERS) // 4
    pending = [order for order in ORDERS if order.status is OrderStatus.PENDING]
    many = OrderFilter(
        search="acme", statuses=[OrderStatus.PENDING], supplier_ids=[str(number) for number in range(31)]
    )
    assert reads(many) == len(pending)


@pytest.mark.parametrize(
    ("wanted", "sort", "pointer"),
    [
        (OrderFilter(search="item"), None, "query/search"),
        (OrderFilter(overdue_on=TODAY + dt.timedelta(9)), None, "query/overdue"),
        (OrderFilter(), "status,po_number", "query/sort"),
    ],
)
def test_no_list_reads_more_than_a_bound(
    several: TestClient,
    meter: FirestoreMeter,
    monkeypatch: pytest.MonkeyPatch,
    wanted: OrderFilter,
    sort: str | None,
    pointer: str,
) -> None:
    lists = OrderLists(several.tenant)
    listed_orders = lists.page(PageRequest(1), wanted, parse_order_sort(sort)).total
    monkeypatch.setattr(order_lists, "MAX_SELECTED", listed_orders - 1)
    meter.reset()
    with pytest.raises(TooManyOrders, match="narrow them by from_date") as refused:
        lists.page(PageRequest(1), wanted, parse_order_sort(sort))
    assert refused.value.pointer == pointer
    assert meter.of(several.client_id).reads == order_lists.MAX_SELECTED + 1
    assert lists.page(PageRequest(1), replace(wanted, supplier_ids=["acme"]), parse_order_sort(sort)).items


@pytest.mark.parametrize("position", ["", "garbage", "a\nb", "a\nb\nc", "2024-06-03\nb"])
@pytest.mark.parametrize("wanted", [OrderFilter(), OrderFilter(search="acme")])
def test_a_position_that_no_page_gave_is_refused(several: TestClient, position: str, wanted: OrderFilter) -> None:
    with pytest.raises(Invalid) as refused:
        OrderLists(several.tenant).page(PageRequest(2, 2, position), wanted)
    assert refused.value.code == "invalid_page_token"


def test_what_orders_cannot_be_sorted_by_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        parse_order_sort("-order_date,colour")
    assert refused.value.code == "unknown_order_sort"
    assert "'colour'; allowed: order_date, po_number" in refused.value.detail
    assert parse_order_sort(" , ") == parse_order_sort(None)
