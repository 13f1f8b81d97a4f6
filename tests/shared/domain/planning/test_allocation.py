"""Transfers between an item's locations and the shares of a purchase: exact, fair, and nobody is made worse off."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.planning.allocation import WHOLE_UNIT, Move, PlaceStock, moves, shares, sold_in

_thousandths = st.integers(-5_000, 5_000_000)
_units = st.sampled_from([1, 1000])


@st.composite
def _places(draw: st.DrawFn) -> list[PlaceStock]:
    names = draw(st.lists(st.sampled_from("ABCDEFG"), unique=True, max_size=7))
    return [PlaceStock(name, draw(st.integers(0, 5_000_000)), draw(_thousandths), draw(_thousandths)) for name in names]


def place(name: str, order_up_to: float, position: float, movable: float | None = None) -> PlaceStock:
    """In units."""
    here = position if movable is None else movable
    return PlaceStock(name, round(order_up_to * 1000), round(position * 1000), round(here * 1000))


def in_units(shared_out: dict[str, int]) -> dict[str, float]:
    return {name: share / 1000 for name, share in shared_out.items()}


@given(_places(), _units)
def test_nobody_falls_below_its_level_by_giving_or_gives_what_it_has_not(places: list[PlaceStock], unit: int) -> None:
    given_away: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for move in moves(places, unit):
        assert move.from_location_id != move.to_location_id
        assert move.quantity > 0
        assert move.quantity % unit == 0
        given_away[move.from_location_id] += move.quantity
        taken[move.to_location_id] += move.quantity
    assert not set(given_away) & set(taken)
    for stock in places:
        gone = given_away[stock.location_id]
        if gone:
            assert gone <= stock.movable
            assert stock.position - gone >= stock.order_up_to
        assert taken[stock.location_id] < stock.lack + unit
    if any(stock.lack - taken[stock.location_id] >= unit for stock in places):  # who still lacks, lacks for want of any
        assert all(stock.surplus - given_away[stock.location_id] < unit for stock in places)


@given(_places(), _units)
def test_moves_do_not_depend_on_the_order_of_locations(places: list[PlaceStock], unit: int) -> None:
    assert moves(places, unit) == moves(places[::-1], unit)
    assert len(moves(places, unit)) < max(len(places), 1)


@given(st.integers(0, 10**12), _places(), _units)
def test_shares_add_up_to_the_purchase(quantity: int, places: list[PlaceStock], unit: int) -> None:
    made = moves(places, unit)
    given_out = shares(quantity, places, made, unit)
    assert sum(given_out.values()) == (quantity if places else 0)
    assert all(share > 0 for share in given_out.values())
    assert set(given_out) <= {stock.location_id for stock in places}
    if quantity % unit == 0:
        assert all(share % unit == 0 for share in given_out.values())
    assert given_out == shares(quantity, places[::-1], made, unit)


@given(st.integers(1, 10**12), _places())
def test_a_share_is_what_a_location_lacks_of_all_that_is_lacked(quantity: int, places: list[PlaceStock]) -> None:
    total = sum(stock.lack for stock in places)
    given_out = shares(quantity, places, [], 1)
    for stock in places:
        if total:
            assert abs(given_out.get(stock.location_id, 0) * total - quantity * stock.lack) < total


def test_the_largest_surplus_goes_to_the_largest_lack_first() -> None:
    places = [place("A", 10, 40), place("B", 10, 60), place("C", 70, 0), place("D", 5, 0)]
    assert moves(places, 1000) == [Move("B", "C", 50_000), Move("A", "C", 20_000), Move("A", "D", 5_000)]


def test_what_is_on_its_way_or_promised_to_customers_is_not_moved() -> None:
    places = [place("A", 10, 60, movable=20), place("B", 30, 0)]
    assert moves(places, 1000) == [Move("A", "B", 20_000)]
    assert moves([place("A", 10, 60, movable=-3), place("B", 30, 0)], 1000) == []


def test_a_lack_is_moved_in_whole_units_and_a_surplus_kept_whole() -> None:
    assert moves([place("A", 10, 20.5), place("B", 7.3, 0)], 1000) == [Move("A", "B", 8_000)]
    assert moves([place("A", 10, 15.9), place("B", 7.3, 0)], 1000) == [Move("A", "B", 5_000)]
    assert moves([place("A", 10, 15.9), place("B", 7.3, 0)], 1) == [Move("A", "B", 5_900)]


def test_a_branch_that_needs_few_is_not_sent_the_minimum_order() -> None:
    places = [place("BRANCH", 20.5, 0), place("MAIN", 3_000, 600), place("FULL", 10, 10)]
    assert in_units(shares(2_880_000, places, [], 1000)) == {"BRANCH": 24, "MAIN": 2_856}


def test_what_a_transfer_brings_is_not_bought_for_the_location_again() -> None:
    places = [place("A", 10, 30), place("B", 30, 0), place("C", 20, 0)]
    made = moves(places, 1000)
    assert made == [Move("A", "B", 20_000)]
    assert in_units(shares(30_000, places, made, 1000)) == {"B": 10, "C": 20}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([place("A", 10, 10), place("B", 30, 50)], {"A": 3, "B": 9}),  # nobody lacks: by what each is ordered up to
        ([place("A", 0, 0), place("B", 0, 4), place("C", 0, 1)], {"A": 4, "B": 4, "C": 4}),
        ([place(name, 1, 0) for name in "EDCBA"], {"E": 2, "D": 2, "C": 2, "B": 3, "A": 3}),
        ([], {}),
    ],
)
def test_how_twelve_are_shared_out(places: list[PlaceStock], expected: dict[str, float]) -> None:
    assert in_units(shares(12_000, places, [], 1000)) == expected


@pytest.mark.parametrize(("packaging_qty", "unit"), [(None, 1000), (6000, 1000), (1000, 1000), (500, 1), (2500, 1)])
def test_what_quantities_are_multiples_of(packaging_qty: int | None, unit: int) -> None:
    assert sold_in(packaging_qty) == unit


def test_nobody_drives_for_less_than_half_a_unit() -> None:
    giver = PlaceStock("A", 0, 5 * WHOLE_UNIT, 5 * WHOLE_UNIT)
    lacks = {lack: moves([giver, PlaceStock("B", lack, 0, 0)], WHOLE_UNIT) for lack in (80, 499, 500, 1001)}
    assert {lack: [move.quantity for move in made] for lack, made in lacks.items()} == {
        80: [],
        499: [],
        500: [1000],
        1001: [2000],
    }
