"""What `python -m infra.restore` compares; the drill itself starts four emulators and takes half a minute."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from infra.restore.books import Books, faults

BOOKS = Books(
    counts={"products": 2},
    digests={"products": "ab"},
    rows={"ts_demand_daily": 120},
    opening=Decimal(100),
    stock={"a": Decimal(106), "b": Decimal(100)},
    received={"a": Decimal(6)},
    receipts={"a": Decimal(6)},
    numbers=("PO-1", "PO-2"),
    last_number=2,
)


def test_books_that_balance() -> None:
    assert faults(BOOKS) == []
    assert BOOKS.differences(BOOKS) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"stock": {"a": Decimal(106), "b": Decimal(99)}}, "stock of 'b' is 99, and should be 100"),
        ({"received": {"a": Decimal(7)}}, "received of 'a' is 7, and should be 6"),
        ({"numbers": ("PO-1", "PO-1")}, "order numbers are given twice"),
        ({"numbers": ("PO-1",)}, "the counter is at 2, and there are 1 orders"),
    ],
)
def test_books_that_do_not(changed: dict[str, Any], fault: str) -> None:
    assert fault in faults(replace(BOOKS, **changed))


def test_what_differs_is_named() -> None:
    other = replace(BOOKS, counts={"products": 1}, digests={"products": "cd"}, rows={})
    assert BOOKS.differences(other) == [
        "documents of products: 2 before, 1 after",
        "content of products: ab before, cd after",
        "rows of ts_demand_daily: 120 before, None after",
    ]
