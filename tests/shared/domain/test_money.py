"""Rounding of money and quantities: half to even, and always with the same number of decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.domain.money import round_money, round_quantity


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("1", "1.00"), ("0.125", "0.12"), ("0.135", "0.14"), ("-0.125", "-0.12"), ("2.5051", "2.51")],
)
def test_money_has_two_decimals(amount: str, rounded: str) -> None:
    assert str(round_money(Decimal(amount))) == rounded


@pytest.mark.parametrize(
    ("units", "rounded"), [("1", "1.000"), ("0.0005", "0.000"), ("0.0015", "0.002"), ("7.25", "7.250")]
)
def test_quantities_have_three_decimals(units: str, rounded: str) -> None:
    assert str(round_quantity(Decimal(units))) == rounded
