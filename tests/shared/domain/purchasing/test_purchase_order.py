"""Orders: totals, the state machine, receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Conflict, Invalid, StockcastError
from shared.domain.purchasing.order_status import MOVES, OPEN_STATUSES, RECEIVABLE_STATUSES, OrderStatus
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

AT = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
DATE = dt.date(2024, 6, 3)
NONE = Decimal("0.000")
PENDING, CONFIRMED, SHIPPED, PARTLY, RECEIVED, CLOSED, CANCELLED = OrderStatus

quantities = st.decimals("0.001", "100000", places=3)
prices = st.decimals("0", "10000", places=2)
tolerances = st.decimals("0", "1", places=2)


def line(
    item_id: str = "a", quantity: str = "10", price: str = "2.50", days: int = 5, received: str = "0"
) -> OrderLine:
    return OrderLine(item_id, item_id.title(), Decimal(quantity), Decimal(received), Decimal(price), days)


def order(
    *lines: OrderLine,
    status: OrderStatus = PENDING,
    expected_delivery_date: dt.date | None = None,
    **fields: Any,
) -> PurchaseOrder:
    header = OrderHeader(
        id="o",
        po_number="PO-2024-000001",
        supplier_id="acme",
        supplier_name="Acme Ltd",
        location_id="LONDON",
        currency="EUR",
        order_date=DATE,
        **fields,
    )
    placed = placed_order(header, lines or (line(),), "buyer", AT, expected_delivery_date)
    return replace(placed, status=status)


def receipt(receipt_id: str = "r", /, **arrived: str | Decimal) -> Receipt:
    lines = tuple(ReceiptLine(item, Decimal(units)) for item, units in arrived.items())
    return Receipt(receipt_id, AT, "clerk", "LONDON", lines)


def refused(kind: type[StockcastError], code: str, act: Callable[[], object]) -> StockcastError:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    return caught.value


@st.composite
def orders(draw: st.DrawFn) -> PurchaseOrder:
    made = draw(st.lists(st.builds(lambda units, price: (units, price), quantities, prices), min_size=1, max_size=6))
    return order(*(line(f"i{number}", str(units), str(price)) for number, (units, price) in enumerate(made)))


# Totals and dates


@given(orders())
def test_the_total_is_the_sum_of_the_lines(placed: PurchaseOrder) -> None:
    assert placed.total_amount == sum(one.total_price for one in placed.lines)
    for one in placed.lines:
        assert abs(one.total_price - one.quantity * one.unit_cost) <= Decimal("0.005")
        assert one.total_price.as_tuple().exponent == -2
    assert placed.total_amount.as_tuple().exponent == -2


@pytest.mark.parametrize(("quantity", "price", "total"), [("0.5", "0.25", "0.12"), ("1.5", "0.25", "0.38")])
def test_half_a_cent_goes_to_the_even_one(quantity: str, price: str, total: str) -> None:
    assert line(quantity=quantity, price=price).total_price == Decimal(total)


def test_an_order_is_expected_after_the_longest_lead_time() -> None:
    assert order(line("a", days=5), line("b", days=30), line("c", days=0)).expected_delivery_date == dt.date(2024, 7, 3)
    assert order(expected_delivery_date=DATE).expected_delivery_date == DATE


def test_an_order_is_not_expected_before_it_is_placed() -> None:
    error = refused(Invalid, "delivery_before_order", lambda: order(expected_delivery_date=dt.date(2024, 6, 2)))
    assert "2024-06-02 is before the order date 2024-06-03" in error.detail
    assert [one.pointer for one in error.errors] == ["/expected_delivery_date"]


def test_a_new_order_is_pending_and_says_who_placed_it() -> None:
    placed = order(notes="by lorry")
    (entry,) = placed.history
    assert (entry.from_status, entry.to_status, entry.by, entry.at) == (None, PENDING, "buyer", AT)
    assert (placed.status, placed.notes, placed.created_by, placed.created_at) == (PENDING, "by lorry", "buyer", AT)


def test_a_number_is_readable() -> None:
    assert po_number(2026, 123) == "PO-2026-000123"


# Moves

LEGAL = {
    (PENDING, CONFIRMED),
    (PENDING, CANCELLED),
    (CONFIRMED, SHIPPED),
    (CONFIRMED, CANCELLED),
    (SHIPPED, RECEIVED),
    (SHIPPED, CANCELLED),
    (PARTLY, RECEIVED),
    (PARTLY, CLOSED),
}


@pytest.mark.parametrize("before", OrderStatus)
@pytest.mark.parametrize("to", OrderStatus)
def test_only_listed_moves_are_made(before: OrderStatus, to: OrderStatus) -> None:
    found = order(line(received="4" if before is PARTLY else "0"), status=before)
    if (before, to) in LEGAL:
        moved = found.moved(to, AT, "buyer", "because")
        entry = moved.history[-1]
        assert (moved.status, entry.from_status, entry.to_status) == (to, before, to)
        assert (entry.by, entry.at, entry.reason) == ("buyer", AT, "because")
    else:
        error = refused(Conflict, "illegal_transition", lambda: found.moved(to, AT, "buyer"))
        allowed = ", ".join(status for status in MOVES[before]) or "none, this is final"
        assert error.detail == f"order PO-2024-000001 is {before}: it cannot become {to}; allowed: {allowed}"


def test_goods_that_have_arrived_rule_a_cancellation_out() -> None:
    shipped = order(line(received="1"), status=SHIPPED)
    error = refused(Conflict, "illegal_transition", lambda: shipped.moved(CANCELLED, AT, "buyer"))
    assert error.detail.endswith("allowed: received")


def test_a_confirmation_may_change_the_delivery_date_and_nothing_else_may() -> None:
    later = dt.date(2024, 8, 1)
    confirmed = order().moved(CONFIRMED, AT, "buyer", expected_delivery_date=later)
    assert confirmed.expected_delivery_date == later
    assert [one.expected_delivery_date for one in confirmed.history] == [dt.date(2024, 6, 8), later]
    assert order().moved(CONFIRMED, AT, "buyer").expected_delivery_date == dt.date(2024, 6, 8)
    refused(
        Invalid,
        "delivery_date_not_changeable",
        lambda: confirmed.moved(SHIPPED, AT, "buyer", expected_delivery_date=later),
    )
    refused(
        Invalid,
        "delivery_before_order",
        lambda: order().moved(CONFIRMED, AT, "buyer", expected_delivery_date=dt.date(2024, 1, 1)),
    )


def test_a_move_to_received_receives_everything_outstanding() -> None:
    shipped = order(line("a", "10", received="4"), line("b", "3"), line("c", "2", received="2"), status=PARTLY)
    received = shipped.moved(RECEIVED, AT, "clerk", "the lorry came")
    assert [one.received for one in received.lines] == [10, 3, 2]
    assert received.receipt_count == 1
    arrived = shipped.rest(AT, "clerk", "the lorry came")
    assert shipped.received(arrived, NONE).lines == received.lines
    assert arrived.lines == (ReceiptLine("a", Decimal(6)), ReceiptLine("b", Decimal(3)))
    assert (arrived.location_id, arrived.by, arrived.notes) == ("LONDON", "clerk", "the lorry came")


# Receipts


@pytest.mark.parametrize("status", OrderStatus)
def test_goods_are_received_once_an_order_is_confirmed(status: OrderStatus) -> None:
    found = order(status=status)
    if status in RECEIVABLE_STATUSES:
        assert found.received(receipt(a="4"), NONE).status is PARTLY
        return
    error = refused(Conflict, "illegal_transition", lambda: found.received(receipt(a="4"), NONE))
    assert f"is {status}: goods are received of one that is confirmed, shipped, partially_received" in error.detail


def test_receipts_lead_to_received_and_say_so_in_the_history() -> None:
    shipped = order(line("a", "10"), line("b", "5"), status=SHIPPED)
    first = shipped.received(replace(receipt("1", a="4"), notes="a box is missing"), NONE)
    second = first.received(receipt("2", a="6"), NONE)
    last = second.received(receipt("3", b="5"), NONE)
    assert [one.status for one in (first, second, last)] == [PARTLY, PARTLY, RECEIVED]
    moves = [(one.from_status, one.to_status, one.reason) for one in last.history[1:]]
    assert moves == [(SHIPPED, PARTLY, "a box is missing"), (PARTLY, RECEIVED, None)]
    assert [one.receipt_count for one in (shipped, first, second, last)] == [0, 1, 2, 3]


def test_everything_wrong_with_a_receipt_is_said_at_once() -> None:
    found = order(line("a", "10", received="2"), line("b", "1"), status=SHIPPED)
    bad = Receipt(
        "r",
        AT,
        "clerk",
        None,
        (
            ReceiptLine("a", Decimal(9)),
            ReceiptLine("x", Decimal(1)),
            ReceiptLine("b", Decimal(0)),
            ReceiptLine("a", Decimal(1)),
        ),
    )
    error = refused(Invalid, "invalid_lines", lambda: found.received(bad, NONE))
    assert {(one.pointer, one.code) for one in error.errors} == {
        ("/lines/0/quantity", "over_receipt"),
        ("/lines/1/item_id", "item_not_ordered"),
        ("/lines/2/quantity", "invalid_quantity"),
        ("/lines/3/item_id", "duplicate_item"),
    }


@pytest.mark.parametrize(
    ("arrived", "code", "said"),
    [
        ({"a": "11.001"}, "over_receipt", "may still be received: 11.000 (ordered 10, received 0)"),
        ({"x": "1"}, "item_not_ordered", "'x' is not on order PO-2024-000001"),
        ({"a": "-1"}, "invalid_quantity", "-1 of 'a': a received quantity is above 0"),
    ],
)
def test_a_line_that_cannot_be_received_is_named(arrived: dict[str, Any], code: str, said: str) -> None:
    found = order(status=SHIPPED)
    assert said in refused(Invalid, code, lambda: found.received(receipt(**arrived), Decimal("0.1"))).detail


def test_the_tolerance_is_of_the_ordered_quantity_and_never_exceeded() -> None:
    found = order(line("a", "0.005"), status=SHIPPED)
    assert found.lines[0].receivable(Decimal("0.5")) == Decimal("0.007")
    assert found.received(receipt(a="0.007"), Decimal("0.5")).status is RECEIVED
    refused(Invalid, "over_receipt", lambda: found.received(receipt(a="0.008"), Decimal("0.5")))


@given(orders(), st.data(), tolerances)
def test_received_stays_within_the_tolerance_and_outstanding_above_zero(
    placed: PurchaseOrder, data: st.DataObject, tolerance: Decimal
) -> None:
    """Whatever is done to an order, legal or not."""
    current, items = replace(placed, status=CONFIRMED), [one.item_id for one in placed.lines]
    arrived: list[Decimal] = []
    steps = st.tuples(st.sampled_from(items), quantities | st.sampled_from([one.quantity for one in placed.lines]))
    for number, (item, units) in enumerate(data.draw(st.lists(steps, max_size=8))):
        with suppress(Conflict, Invalid):
            current = current.received(receipt(str(number), **{item: units}), tolerance)
            arrived.append(units)
    for one in current.lines:
        assert one.received <= one.quantity * (1 + tolerance)
        assert one.outstanding >= 0
    assert all(one.outstanding > 0 for one in current.open_lines())
    assert sum(arrived) == sum(one.received for one in current.lines)
    assert current.receipt_count == len(arrived)


@given(st.lists(st.sampled_from(OrderStatus) | st.decimals("0.5", "6", places=1), max_size=12))
def test_the_state_machine_reaches_listed_states_only_and_stays_in_a_final_one(
    steps: list[OrderStatus | Decimal],
) -> None:
    reachable = LEGAL | {(before, after) for before in RECEIVABLE_STATUSES for after in (PARTLY, RECEIVED)}
    current = order(line(quantity="10"))
    for number, step in enumerate(steps):
        before = current
        try:
            if isinstance(step, OrderStatus):
                current = current.moved(step, AT, "buyer")
            else:
                current = current.received(receipt(str(number), a=step), NONE)
        except (Conflict, Invalid):
            assert current is before
        else:
            assert (before.status, current.status) in reachable
            assert before.is_open
        assert current.history[-1].to_status is current.status
        assert current.is_open == (current.status in OPEN_STATUSES)
        assert (current.status is RECEIVED) <= all(one.outstanding == 0 for one in current.lines)


@given(orders(), st.data())
def test_partial_receipts_in_any_split_end_in_received_with_the_same_total(
    placed: PurchaseOrder, data: st.DataObject
) -> None:
    current = replace(placed, status=data.draw(st.sampled_from(RECEIVABLE_STATUSES)))
    number = 0
    while current.status is not RECEIVED:
        due = data.draw(st.sampled_from([one for one in current.lines if one.outstanding > 0]))
        thousandths = int(due.outstanding * 1000)
        # Often all of it, so that the split comes to an end.
        units = data.draw(st.just(thousandths) | st.integers(max(thousandths // 3, 1), thousandths))
        number += 1
        arrived = receipt(str(number), **{due.item_id: Decimal(units).scaleb(-3)})
        current = current.received(arrived, NONE)
        assert current.status in (PARTLY, RECEIVED)
    assert [one.received for one in current.lines] == [one.quantity for one in placed.lines]
    assert current.total_amount == placed.total_amount
    assert current.open_lines() == []


def test_what_is_still_to_come_is_known_to_planning() -> None:
    partly = order(line("a", "10", received="4"), line("b", "5", received="6"), status=PARTLY)
    assert partly.open_lines() == [
        OpenOrderLine("o", "PO-2024-000001", "a", "LONDON", Decimal(6), dt.date(2024, 6, 8)),
    ]
    assert partly.moved(CLOSED, AT, "buyer").open_lines() == []
    assert order().moved(CANCELLED, AT, "buyer").open_lines() == []
