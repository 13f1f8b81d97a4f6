"""Scores by how long ago an item last sold."""

from __future__ import annotations

import numpy as np

from forecast_job.backtest import tables
from forecast_job.backtest.recency import NEVER, OriginTotals, by_recency
from shared.domain.recency import RECENCY_GROUPS


def test_items_are_scored_in_the_group_of_their_last_sale() -> None:
    idle = np.array([0, 30, 31, 90, 91, 180, 181, 400, NEVER])
    one = OriginTotals(
        idle_days=idle,
        sold=np.array([4.0, 6.0, 1.0, 1.0, 0.0, 0.0, 0.0, 2.0, 99.0]),
        expected=np.array([5.0, 7.0, 1.0, 0.5, 0.0, 0.25, 0.0, 1.0, 0.0]),
        units=np.array([2.0, 3.0, 0.0, 1.0, 0.0, 0.0, np.nan, 2.0, 99.0]),
        quantiles=np.array([[2.0], [2.0], [0.0], [1.0], [0.0], [0.0], [0.0], [0.0], [0.0]]),
    )
    found = by_recency([one, one], (0.9,))
    assert [found[name].items for name in RECENCY_GROUPS] == [4, 4, 4, 4]
    assert [found[name].sold for name in RECENCY_GROUPS] == [20.0, 4.0, 0.0, 4.0]
    assert [found[name].expected for name in RECENCY_GROUPS] == [24.0, 3.0, 0.5, 2.0]
    assert [found[name].coverage[0.9] for name in RECENCY_GROUPS] == [0.5, 1.0, 1.0, 0.0]


def test_a_group_without_items_or_sales_has_no_figures() -> None:
    levels = tables.SHOWN_LEVELS
    one = OriginTotals(np.array([0]), np.zeros(1), np.ones(1), np.zeros(1), np.zeros((1, len(levels))))
    lines = tables.recency(by_recency([one], levels)).splitlines()
    assert lines[1].split() == ["0-30", "days", "1", "0", *["1.000"] * len(levels)]
    assert lines[2].split() == ["31-90", "days", "0", "0"]
