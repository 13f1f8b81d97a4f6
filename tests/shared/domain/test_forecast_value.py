"""What stock a fill rate needs, against its definition."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.forecast_value import StockPoint, stock_for

Window = tuple[float, float, float]  # demand, forecast, what it varies by
FACTORS = [step * abs(step) / 32 for step in range(-11, 41)]
_units = st.floats(0, 1000, allow_nan=False).map(lambda units: round(units, 3))
_windows = st.lists(st.tuples(_units, _units, _units), min_size=1, max_size=20)


def curve(windows: Sequence[Window], cost: float = 1.0) -> list[StockPoint]:
    """The points of every factor, by the definition."""
    stocks = [[max(forecast + factor * spread, 0) for _, forecast, spread in windows] for factor in FACTORS]
    return [
        StockPoint(sum(min(units, window[0]) for units, window in zip(stock, windows, strict=True)), cost * sum(stock))
        for stock in stocks
    ]


@given(_windows, st.floats(0.01, 1), st.floats(0.01, 1))
def test_serving_more_never_needs_less(windows: list[Window], one: float, other: float) -> None:
    points = curve(windows)
    less, more = (stock_for(points, share * points[-1].filled) for share in sorted((one, other)))
    assert less is None or more is None or less <= more * (1 + 1e-9)


@given(_windows, st.floats(0.01, 1))
def test_no_forecast_needs_less_than_what_is_sold_and_a_perfect_one_no_more(
    windows: list[Window], fill_rate: float
) -> None:
    served = fill_rate * sum(demand for demand, _, _ in windows)
    ours = stock_for(curve(windows, cost=3), served)
    assert ours is None or ours >= 3 * served * (1 - 1e-9)
    perfect = stock_for(curve([(demand, demand, spread) for demand, _, spread in windows], cost=3), served)
    assert perfect is None or perfect == pytest.approx(3 * served)


@given(_windows, st.sampled_from(FACTORS))
def test_what_a_factor_serves_needs_at_most_its_stock(windows: list[Window], factor: float) -> None:
    """Less where a smaller factor serves as much."""
    points = curve(windows)
    point = points[FACTORS.index(factor)]
    found = stock_for(points, point.filled)
    cheapest = min(other.value for other in points if other.filled >= point.filled * (1 - 1e-12))
    assert found is None or found == pytest.approx(cheapest, rel=1e-6, abs=1e-6)


def test_what_lies_beyond_the_curve_is_not_known() -> None:
    points = [StockPoint(1, 10), StockPoint(3, 30)]
    assert [stock_for(points, filled) for filled in (0.5, 1, 2, 3, 3.5)] == [None, 10, 20, 30, None]
    assert stock_for([], 1) is None
