"""The played year adds up, whatever was sold."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.demo.buyer import Terms
from infra.local.demo.deliveries import Habits
from infra.local.demo.played_year import WEEKS, PlayedYear, Shop, played_year
from shared.arrays import Ints

TODAY = dt.date(2011, 10, 13)
ITEMS = 12
DAYS = 600


def shop(seed: int, *, advised: bool = True) -> Shop:
    """Lumpy sales in a warehouse and two branches; two suppliers, the second one late, short and in parts."""
    random = np.random.default_rng(seed)
    sales = random.poisson(3, (DAYS, ITEMS, 3)) * (random.random((DAYS, ITEMS, 3)) < 0.15)
    sales[:, 0] = 0  # never sold
    sales[400:, 1] = 0  # sells no more
    sales[-30:, 2] *= 40
    terms = Terms(
        supplier=np.arange(ITEMS) % 2,
        lead_time_days=np.where(np.arange(ITEMS) % 2 == 0, 7, 35),
        moq=np.arange(ITEMS) % 5 + 1,
        packaging_qty=np.arange(ITEMS) % 3 + 1,
    )
    habits = (Habits(0, 1), Habits(3, 20, late=0.6, late_days=20, in_parts=0.5, short=0.6))
    advice = {TODAY - dt.timedelta(28): np.full(ITEMS, 30)} if advised else {}
    stocked = np.ones((ITEMS, 3), dtype=np.bool_)
    return Shop(TODAY - dt.timedelta(DAYS), sales.astype(np.int64), stocked, terms, habits, advice)


def received(year: PlayedYear) -> Ints:
    """Units of each item that arrived in the year."""
    units = np.zeros(ITEMS, dtype=np.int64)
    for order in year.orders:
        for delivery in order.deliveries:
            if year.first_day <= delivery.day < year.today:
                np.add.at(units, order.items, delivery.units)
    return units


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), advised=st.booleans())
def test_what_was_there_and_what_came_is_what_was_sold_and_is_left(seed: int, advised: bool) -> None:
    played = shop(seed, advised=advised)
    year = played_year(played, TODAY)

    sold = played.sales[-WEEKS * 7 :].sum(axis=(0, 2))
    assert (year.stock[0].sum(axis=1) + received(year) - sold == year.stock[-1].sum(axis=1)).all()
    assert year.stock.min() >= 0
    assert len(year.stock) == WEEKS + 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_orders_keep_to_terms_and_to_time(seed: int) -> None:
    played = shop(seed)

    for order in played_year(played, TODAY).orders:
        assert (order.units >= played.terms.moq[order.items]).all()
        assert (order.units % played.terms.packaging_qty[order.items] == 0).all()
        assert order.placed < order.confirmed
        assert order.placed < order.promised
        assert sum((delivery.units for delivery in order.deliveries), 0 * order.units).max() <= order.units.max()
        assert all(delivery.day >= (order.shipped or delivery.day) >= order.confirmed for delivery in order.deliveries)
        assert order.deliveries or order.cancelled
        assert order.placed.weekday() < 5


def test_nothing_is_on_order_of_orders_that_have_ended() -> None:
    year = played_year(shop(3), TODAY)

    ends = [order for order in year.orders if order.cancelled or order.given_up]
    assert ends
    for order in ends:
        end = order.cancelled or order.given_up
        assert end is not None
        assert not order.outstanding(end + dt.timedelta(1)).any()
        assert order.outstanding(end).any()


def test_some_orders_are_late_in_parts_short_and_open_today() -> None:
    orders = played_year(shop(3), TODAY).orders

    assert any(order.deliveries and order.deliveries[0].day > order.promised for order in orders)
    assert any(len(order.deliveries) == 2 for order in orders)
    assert any(order.given_up for order in orders)
    assert any(order.outstanding(TODAY).any() for order in orders)
    assert any(order.for_customers for order in orders)


def test_the_same_shop_has_the_same_year() -> None:
    first, second = played_year(shop(3), TODAY), played_year(shop(3), TODAY)

    assert (first.stock == second.stock).all()
    assert [(order.placed, order.units.tolist()) for order in first.orders] == [
        (order.placed, order.units.tolist()) for order in second.orders
    ]


def test_the_buyer_orders_up_to_the_advice() -> None:
    """Of an item that hardly sells, nobody would order thirty by eye."""
    with_advice, without = (played_year(shop(3, advised=advised), TODAY) for advised in (True, False))

    position = with_advice.stock[-1].sum(axis=1) + with_advice.on_order(TODAY)
    by_eye = without.stock[-1].sum(axis=1) + without.on_order(TODAY)
    assert position[0] >= 30 > by_eye[0]
