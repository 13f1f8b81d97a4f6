"""Decimals as rules, documents and answers have them: money in hundredths, what a unit costs or sells for in ten
thousandths (screws cost 0.0042 each), quantities in thousandths of a unit.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

CENTS = Decimal("0.01")
UNIT_MONEY = Decimal("0.0001")
THOUSANDTHS = Decimal("0.001")


def round_money(amount: Decimal) -> Decimal:
    """To whole hundredths, half to even; 2 decimals."""
    return amount.quantize(CENTS, ROUND_HALF_EVEN)


def round_unit_money(amount: Decimal) -> Decimal:
    """What a unit costs or sells for: to 4 decimals, half to even. Only a sum of units is rounded to hundredths."""
    return amount.quantize(UNIT_MONEY, ROUND_HALF_EVEN)


def round_quantity(units: Decimal) -> Decimal:
    """To whole thousandths, half to even; 3 decimals."""
    return units.quantize(THOUSANDTHS, ROUND_HALF_EVEN)


def plain(number: Decimal | float) -> str:
    """The number in words for people: without trailing zeros and exponents."""
    return f"{Decimal(str(number)).normalize():f}"
