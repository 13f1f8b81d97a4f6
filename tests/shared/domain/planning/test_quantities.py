"""Quantities in thousandths: what is ordered for a need, against the rule for one decimal."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.domain.planning.quantities import MAX_VALUE, UNITS, quantity_to_order, thousandths
from shared.domain.purchasing.order_quantity import packs

Case = tuple[Decimal, Decimal, Decimal]
NEEDS = st.decimals(-5000, 100_000, places=3)
MOQS = st.decimals(0, 5000, places=3)
PACKS = st.decimals(Decimal("0.001"), 500, places=3)
CASES = st.lists(st.tuples(NEEDS, MOQS, PACKS), min_size=1)


def columns(cases: list[Case]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    need, moq, pack = (np.array([int(case[place] * UNITS) for case in cases]) for place in range(3))
    return need, moq, pack


def scalar(need: Decimal, moq: Decimal, pack: Decimal) -> Decimal:
    """The rule for one item, in decimals."""
    return packs(max(need, moq), pack) if need > 0 else Decimal(0)


@given(CASES)
def test_many_at_once_are_the_rule_for_one(cases: list[Case]) -> None:
    assert quantity_to_order(*columns(cases)).tolist() == [int(scalar(*case) * UNITS) for case in cases]


@given(CASES)
def test_it_is_nothing_or_at_least_need_and_moq_in_whole_packs_and_less_than_one_more(cases: list[Case]) -> None:
    need, moq, pack = columns(cases)
    quantity = quantity_to_order(need, moq, pack)
    assert ((quantity == 0) == (need <= 0)).all()
    assert (quantity % pack == 0).all()
    least = np.where(need > 0, np.maximum(need, moq), 0)
    assert (quantity >= least).all()
    assert (quantity - least < pack).all()


@given(CASES)
def test_once_it_is_ordered_nothing_more_is_needed(cases: list[Case]) -> None:
    need, moq, pack = columns(cases)
    assert not quantity_to_order(need - quantity_to_order(need, moq, pack), moq, pack).any()


@given(CASES, st.integers(0, 10**6))
def test_a_larger_need_or_moq_never_orders_less(cases: list[Case], more: int) -> None:
    need, moq, pack = columns(cases)
    quantity = quantity_to_order(need, moq, pack)
    assert (quantity_to_order(need + more, moq, pack) >= quantity).all()
    assert (quantity_to_order(need, moq + more, pack) >= quantity).all()


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda sixteenths: sixteenths / 16)))
def test_units_are_rounded_to_thousandths_half_to_even(units: list[float]) -> None:
    exact = [int((Decimal(value) * UNITS).to_integral_value(ROUND_HALF_EVEN)) for value in units]
    assert thousandths(np.array(units, dtype=np.float64)).tolist() == exact


def test_more_than_64_bits_hold_stays_at_the_limit() -> None:
    assert thousandths(np.array([1e30])).tolist() == [MAX_VALUE]
