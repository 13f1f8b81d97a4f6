"""How much can be ordered: properties of the rule, and what a refusal says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.purchasing.order_quantity import packs, quantity_error, smallest_order
from shared.domain.purchasing.product import Condition


def decimals(least: str, most: str = "100000") -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=3)


QUANTITIES, MOQS, PACKS = decimals("0"), decimals("0", "5000"), decimals("0.001", "500")


def terms(moq: Decimal = Decimal(0), pack: Decimal = Decimal(1)) -> Condition:
    return Condition("A", "acme", "Acme Ltd", 7, moq, pack, Decimal("1.75"), is_primary=True)


@given(QUANTITIES, PACKS)
def test_rounding_up_to_packs_gives_whole_ones_and_less_than_one_more(quantity: Decimal, pack: Decimal) -> None:
    rounded = packs(quantity, pack)
    assert rounded % pack == 0
    assert 0 <= rounded - quantity < pack


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
    assert str(packs(Decimal(0), Decimal(1))) == "0.000"
