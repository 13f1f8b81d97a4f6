"""What a client plans for an item itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.purchasing.item_planning import (
    BlockEndsInThePast,
    ItemPlanning,
    NothingBlocked,
    StockLimitsOutOfOrder,
)

TODAY = dt.date(2024, 6, 3)
DAY = dt.timedelta(1)
stocks = st.none() | st.decimals(0, 1000, places=3)


@given(stocks, stocks)
def test_the_most_stock_is_not_below_the_least(least: Decimal | None, most: Decimal | None) -> None:
    planning = ItemPlanning(min_stock=least, max_stock=most)
    if least is None or most is None or least <= most:
        planning.check(TODAY, None)
    else:
        with pytest.raises(StockLimitsOutOfOrder) as refused:
            planning.check(TODAY, None)
        assert refused.value.pointer == "/planning/max_stock"
        assert refused.value.detail == f"max_stock {most} is below min_stock {least}; allowed: {least} and more"


def test_only_a_block_ends() -> None:
    with pytest.raises(NothingBlocked, match="do_not_order_until 2024-06-03 without do_not_order; allowed: both, or n"):
        ItemPlanning(do_not_order_until=TODAY).check(TODAY, None)


def test_a_block_ends_today_or_later() -> None:
    blocked = ItemPlanning(do_not_order=True, do_not_order_until=TODAY)
    blocked.check(TODAY, None)
    past = replace(blocked, do_not_order_until=TODAY - DAY)
    for before in (None, ItemPlanning(), blocked):
        with pytest.raises(BlockEndsInThePast, match="2024-06-02 is in the past; allowed: today, 2024-06-03, and lat"):
            past.check(TODAY, before)


def test_what_has_ended_since_can_be_sent_back() -> None:
    past = ItemPlanning(do_not_order=True, do_not_order_until=TODAY - DAY)
    replace(past, min_stock=Decimal(3)).check(TODAY, past)
