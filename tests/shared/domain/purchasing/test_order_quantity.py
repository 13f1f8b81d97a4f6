"""How much can be ordered: properties of the rule, and that the catalog's vectorised form is the same rule."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.planning.metrics import reorder_quantity
from shared.domain.purchasing.order_quantity import order_quantity, packs, quantity_error, smallest_order
from shared.domain.purchasing.product import Condition


def decimals(least: str, most: str = "100000") -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=3)


NEEDS, MOQS, PACKS = decimals("-1000"), decimals("0", "5000"), decimals("0.001", "500")


def terms(moq: Decimal = Decimal(0), pack: Decimal = Decimal(1)) -> Condition:
    return Condition("A", "acme", "Acme Ltd", 7, moq, pack, Decimal("1.75"), is_primary=True)


@given(NEEDS, MOQS, PACKS)
def test_it_is_nothing_or_at_least_the_moq_in_whole_packs(need: Decimal, moq: Decimal, pack: Decimal) -> None:
    quantity = order_quantity(need, moq, pack)
    assert (quantity == 0) == (need <= 0)
    assert quantity == 0 or quantity >= max(need, moq)
    assert quantity % pack == 0


@given(NEEDS, MOQS, PACKS)
def test_it_is_less_than_a_pack_above_need_or_moq(need: Decimal, moq: Decimal, pack: Decimal) -> None:
    quantity = order_quantity(need, moq, pack)
    assert quantity - max(need, moq, Decimal(0)) < pack


@given(NEEDS, MOQS, PACKS)
def test_once_it_is_ordered_nothing_more_is_needed(need: Decimal, moq: Decimal, pack: Decimal) -> None:
    assert order_quantity(need - order_quantity(need, moq, pack), moq, pack) == 0


@given(st.lists(st.tuples(NEEDS, MOQS, PACKS), min_size=1))
def test_the_catalog_computes_the_same(cases: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    columns = [np.array([int(one[place] * 1000) for one in cases]) for place in range(3)]
    assert reorder_quantity(*columns).tolist() == [int(order_quantity(*one) * 1000) for one in cases]


@given(MOQS, PACKS)
def test_the_smallest_order_can_be_ordered_and_a_pack_less_can_not(moq: Decimal, pack: Decimal) -> None:
    condition = terms(moq, pack)
    least = smallest_order(condition)
    assert quantity_error(least, condition, "/quantity") is None
    assert quantity_error(least - pack, condition, "/quantity") is not None


@given(decimals("0"), MOQS, PACKS)
def test_what_can_be_ordered_is_what_the_terms_allow(quantity: Decimal, moq: Decimal, pack: Decimal) -> None:
    error = quantity_error(quantity, terms(moq, pack), "/quantity")
    assert (error is None) == (quantity > 0 and quantity >= moq and quantity % pack == 0)


@pytest.mark.parametrize(
    ("quantity", "moq", "pack", "code", "named"),
    [
        ("11", "12", "6", "below_moq", "MOQ of Acme Ltd: 12; order at least 12"),
        ("11", "11.5", "6", "below_moq", "MOQ of Acme Ltd: 11.5; order at least 12"),
        ("0", "0", "6", "below_moq", "order at least 6"),
        ("13", "12", "6", "not_a_pack_multiple", "the pack of 6; the next valid quantity is 18"),
        ("0.3", "0", "0.25", "not_a_pack_multiple", "the next valid quantity is 0.5"),
    ],
)
def test_a_refusal_says_what_can_be_ordered(quantity: str, moq: str, pack: str, code: str, named: str) -> None:
    error = quantity_error(Decimal(quantity), terms(Decimal(moq), Decimal(pack)), "/lines/0/quantity")
    assert error is not None
    assert (error.pointer, error.code) == ("/lines/0/quantity", code)
    assert named in error.detail


def test_it_has_three_decimals() -> None:
    assert str(packs(Decimal("1.1"), Decimal("0.5"))) == "1.500"
    assert str(order_quantity(Decimal(-1), Decimal(5), Decimal(1))) == "0.000"
