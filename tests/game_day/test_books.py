"""Books that balance, and books in which something was planted: each page must notice it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.game_day.books import (
    Import,
    Movement,
    Order,
    Page,
    all_ended,
    equal,
    imports_balance,
    no_update_lost,
    none_left,
    numbers_have_no_gap,
    on_order_is_open_lines,
    sales_are_those_of_the_files,
    stock_is_its_movements,
)

OPENING = {("A", "LONDON"): Decimal(10), ("A", "DUBLIN"): Decimal(5), ("B", "LONDON"): Decimal(0)}
MOVEMENTS = [
    Movement("receipt", "A", "LONDON", Decimal(12)),
    Movement("transfer", "A", "LONDON", Decimal(-2)),
    Movement("transfer", "A", "DUBLIN", Decimal(2)),
    Movement("correction", "B", "LONDON", Decimal("0.5")),
]
STOCK = {("A", "LONDON"): Decimal(20), ("A", "DUBLIN"): Decimal(7), ("B", "LONDON"): Decimal("0.500")}
ORDERS = [
    Order("o1", "PO-2026-000001", {"A": Decimal(12)}),
    Order("o2", "PO-2026-000002", {"A": Decimal(6), "B": Decimal(6)}, {"A": Decimal(6), "B": Decimal(1)}),
    Order("o3", "PO-2026-000003", {"A": Decimal(6)}, {"A": Decimal(6)}),
]
ON_ORDER = {"A": Decimal(12), "B": Decimal(1), "C": Decimal(0)}
FILE = Import("i1", 10, 8, 2)
DAY = dt.date(2026, 1, 1)


def recorded() -> list[tuple[str, Decimal]]:
    return [("o1", Decimal(12)), ("o2", Decimal(6))]


def unbalanced(**planted: Any) -> list[Page]:
    """The pages with differences, of books that balance but for what is planted."""

    def of(name: str, otherwise: Any) -> Any:
        return planted.get(name, otherwise)

    orders = of("orders", ORDERS)
    pages = [
        no_update_lost("orders", dict(recorded()), of("recorded", recorded())),
        stock_is_its_movements(OPENING, of("movements", MOVEMENTS), of("stock", STOCK)),
        on_order_is_open_lines(orders, of("on_order", ON_ORDER)),
        numbers_have_no_gap(orders),
        imports_balance([FILE], of("imports", {"i1": FILE})),
        all_ended(of("operations", {"i1": ("etl_import", "succeeded")}), ("forecast",)),
        none_left("outbox", of("outbox", [])),
        sales_are_those_of_the_files({DAY: Decimal(3)}, of("sales", {DAY: Decimal(3)})),
    ]
    return [found for found in pages if found.differences]


def test_books_that_balance_have_no_difference() -> None:
    assert unbalanced() == []
    assert unbalanced(operations={"f": ("forecast", "failed")}) == []


@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ({"recorded": recorded()[:1]}, "o2 was acknowledged and is not recorded"),
        ({"recorded": [*recorded(), ("o1", Decimal(12))]}, "o1 is recorded 2 times"),
        ({"recorded": [*recorded(), ("o9", Decimal(1))]}, "o9 is recorded and nobody was told"),
        ({"recorded": [("o1", Decimal(24)), *recorded()[1:]]}, "o1: acknowledged 12, recorded 24"),
        ({"movements": MOVEMENTS[1:]}, "('A', 'LONDON'): expected 8, in stock 20"),
        ({"movements": [*MOVEMENTS, MOVEMENTS[0]]}, "('A', 'LONDON'): expected 32, in stock 20"),
        ({"stock": STOCK | {("A", "DUBLIN"): Decimal(5)}}, "('A', 'DUBLIN'): expected 7, in stock 5"),
        ({"on_order": ON_ORDER | {"C": Decimal(6)}}, "C: orders 0, list 6"),
        ({"on_order": {"A": Decimal(12)}}, "B: orders 1, list 0"),
        ({"orders": [ORDERS[0], replace(ORDERS[1], po_number="PO-2026-000004"), ORDERS[2]]}, "2026-000002 is missing"),
        ({"orders": [*ORDERS, replace(ORDERS[0], id="o4")]}, "2026-000001 is taken 2 times"),
        ({"imports": {}}, "i1: no operation"),
        ({"imports": {"i1": replace(FILE, accepted=7)}}, "i1: 10 read, 7 accepted, 2 rejected"),
        ({"imports": {"i1": replace(FILE, status="failed")}}, "status='failed'"),
        ({"operations": {"i1": ("etl_import", "running")}}, "etl_import i1 is running"),
        ({"operations": {"i1": ("etl_import", "failed")}}, "etl_import i1 is failed"),
        ({"operations": {"f": ("forecast", "running")}}, "forecast f is running"),
        ({"outbox": ["task"]}, "task"),
        ({"sales": {}}, "files 3, BigQuery 0"),
    ],
)
def test_what_is_planted_is_noticed(planted: dict[str, Any], noticed: str) -> None:
    assert any(noticed in difference for found in unbalanced(**planted) for difference in found.differences)


@given(st.dictionaries(st.integers(0, 5), st.integers(-3, 3).map(Decimal)), st.integers(0, 5), st.integers(1, 3))
def test_accounts_are_equal_until_one_is_changed(account: dict[int, Decimal], place: int, units: int) -> None:
    without_zeros = {key: value for key, value in account.items() if value}
    assert not equal("x", "left", account, "right", without_zeros).differences
    changed = account | {place: account.get(place, Decimal(0)) + units}
    assert len(equal("x", "left", account, "right", changed).differences) == 1
