"""Weeks for the classes, and classes of a block's items by what is known of all items."""

from __future__ import annotations

import numpy as np
import polars as pl

from forecast_job.demand.classify import classify, weeks
from tests.support.panels import demand, panel_of


def test_weeks_end_with_the_last_day_and_fill_unknown_days_up() -> None:
    units = np.array([[9, 1, 1, 1, 1, 1, 1, 1, np.nan, 2, 2, 2, 2, 2, 2], [np.nan] * 8 + [0.0] * 7], dtype=np.float32)
    np.testing.assert_allclose(weeks(units), np.array([[7, 14], [np.nan, 0]]))


def test_less_than_a_week_is_no_week() -> None:
    assert weeks(np.ones((2, 6), dtype=np.float32)).shape == (2, 0)


def test_abc_ranks_the_block_among_all_items() -> None:
    panel, _ = panel_of(demand(60, 2), 60)
    everything = pl.DataFrame({"item_id": ["BIG", "I000", "I001"], "revenue": [1e6, 10.0, 20.0]}).with_columns(
        first_sale=pl.lit(None, pl.Date), last_sale=pl.lit(None, pl.Date)
    )
    classified = classify(panel, everything)
    assert classified.item_ids == ("I000", "I001")
    assert classified.abc.tolist() == ["C", "C"]
    assert classified.revenue.tolist() == [10, 20]
