"""Played orders as documents: what they say is what was played."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

from infra.local.demo.order_records import Catalogue, OrderRecord, order_records
from infra.local.demo.partners import SUPPLIERS
from infra.local.demo.played_year import PlayedYear, played_year
from shared.domain.purchasing.order_status import OPEN_STATUSES, OrderStatus
from shared.domain.purchasing.product import Condition
from tests.infra.local.demo.test_played_year import ITEMS, TODAY, shop

ITEM_IDS = [f"item {number}" for number in range(ITEMS)]


@pytest.fixture(scope="module")
def year() -> PlayedYear:
    return played_year(shop(3), TODAY)


@pytest.fixture(scope="module")
def records(year: PlayedYear) -> list[OrderRecord]:
    terms = shop(3).terms
    conditions = {
        item: [
            Condition(
                item,
                SUPPLIERS[terms.supplier[number]].supplier_id,
                "",
                int(terms.lead_time_days[number]),
                Decimal(int(terms.moq[number])),
                Decimal(int(terms.packaging_qty[number])),
                Decimal("1.25"),
                is_primary=True,
            )
        ]
        for number, item in enumerate(ITEM_IDS)
    }
    catalogue = Catalogue(ITEM_IDS, {item: item.title() for item in ITEM_IDS}, conditions, "GBP")
    return order_records(year.orders, catalogue, TODAY)


def test_what_is_on_order_is_what_open_orders_lack(year: PlayedYear, records: list[OrderRecord]) -> None:
    outstanding: Counter[str] = Counter()
    for record in records:
        for line in record.order.open_lines():
            outstanding[line.item_id] += int(line.outstanding)

    assert [outstanding[item] for item in ITEM_IDS] == year.on_order(TODAY).tolist()


def test_receipts_add_up_to_what_lines_have_received(records: list[OrderRecord]) -> None:
    for record in records:
        arrived: Counter[str] = Counter()
        for receipt in record.receipts:
            for line in receipt.lines:
                arrived[line.item_id] += int(line.quantity)
        assert {line.item_id: int(line.received) for line in record.order.lines if line.received} == dict(arrived)
        assert record.order.receipt_count == len(record.receipts)


def test_nothing_has_happened_that_is_still_to_come(records: list[OrderRecord]) -> None:
    for record in records:
        times = [entry.at for entry in record.order.history]
        assert times == sorted(times)
        assert [entry.at for entry in record.audit] == sorted(entry.at for entry in record.audit)
        assert max(entry.at for entry in record.audit).date() < TODAY


def test_there_are_orders_in_every_open_status_and_ended_in_every_way(records: list[OrderRecord]) -> None:
    statuses = {record.order.status for record in records}

    assert {OrderStatus.RECEIVED, OrderStatus.CLOSED} < statuses
    assert statuses & set(OPEN_STATUSES)


def test_numbers_count_the_orders_of_a_year_in_the_order_of_their_dates(records: list[OrderRecord]) -> None:
    for year in (2010, 2011):
        orders = [record.order for record in records if record.order.order_date.year == year]
        assert [order.po_number for order in orders] == [f"PO-{year}-{n:06d}" for n in range(1, len(orders) + 1)]
        assert [order.order_date for order in orders] == sorted(order.order_date for order in orders)
    assert len({entry.id for record in records for entry in record.audit}) == sum(len(r.audit) for r in records)


def test_an_expected_date_is_the_usual_one_or_the_one_confirmed(records: list[OrderRecord]) -> None:
    for record in records:
        order = record.order
        promised = [entry.expected_delivery_date for entry in order.history if entry.expected_delivery_date]
        assert order.expected_delivery_date == promised[-1]
        assert np.isin(len(promised), (1, 2))
