"""Decimals as rules, documents and answers have them: money in hundredths, quantities in thousandths of a unit."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

CENTS = Decimal("0.01")
THOUSANDTHS = Decimal("0.001")


def round_money(amount: Decimal) -> Decimal:
    """To whole hundredths, half to even; 2 decimals."""
    return amount.quantize(CENTS, ROUND_HALF_EVEN)


def round_quantity(units: Decimal) -> Decimal:
    """To whole thousandths, half to even; 3 decimals."""
    return units.quantize(THOUSANDTHS, ROUND_HALF_EVEN)


def plain(number: Decimal | float) -> str:
    """The number in words for people: without trailing zeros and exponents."""
    return f"{Decimal(str(number)).normalize():f}"
