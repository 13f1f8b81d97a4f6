"""What figures are computed from; apart from the metrics, which need numpy: whoever only reads rows does not."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """What a figure was computed from."""

    FORECAST = "forecast"
    RECENT_SALES = "recent_sales"  # the last 28 days on which the item could be sold
    NONE = "none"


class CostBasis(StrEnum):
    """Which cost values a unit of stock."""

    UNIT_COST = "unit_cost"
    SUPPLIER_COST = "supplier_cost"  # of the supplier that planning uses


class SalePriceBasis(StrEnum):
    """Which price values a unit that is not sold."""

    SALES = "sales"  # what units brought in the last 90 days with a sale
    UNIT_PRICE = "unit_price"
    UNIT_COST = "unit_cost"
    SUPPLIER_COST = "supplier_cost"  # of the supplier that planning uses
