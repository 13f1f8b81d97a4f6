"""Quantities as integers: thousandths of a unit, exact and vectorised, and how many of them a supplier sells."""

from __future__ import annotations

import numpy as np

from shared.arrays import Floats, Ints

UNITS = 1000  # a unit in thousandths
MAX_VALUE = 2**63 - 2**20  # thousandths, or hundredths of money: safely within 64 bits


def thousandths(units: Floats) -> Ints:
    """Units rounded to whole thousandths, half to even; what 64 bits cannot hold stays at MAX_VALUE."""
    return np.rint(np.minimum(units * UNITS, MAX_VALUE)).astype(np.int64)


def quantity_to_order(need: Ints, moq: Ints, packaging_qty: Ints) -> Ints:
    """What is ordered to cover a need: 0 where it is not positive, else ceil(max(need, MOQ) / pack) x pack.

    All in thousandths, packs positive (rules.md, "Order suggestions").
    `shared.domain.purchasing.order_quantity.packs` is the same rounding of one decimal.
    """
    return np.where(need > 0, -(-np.maximum(need, moq) // packaging_qty) * packaging_qty, 0)
