"""Rolling origins: which items and days are scored, and what is found to be worst."""

from __future__ import annotations

import datetime as dt

import polars as pl

from forecast_job.backtest import rolling_origin
from forecast_job.backtest.rolling_origin import BacktestPlan
from forecast_job.progress import JobProgress
from tests.support.panels import demand, panel_of


def test_the_worst_items_are_those_whose_demand_nobody_saw_coming() -> None:
    records = demand(330)
    burst = [
        records.filter(pl.col("item_id") == "I029")
        .head(1)
        .with_columns(
            date_local=pl.lit(dt.date(2022, 6, 6) + dt.timedelta(310 + day)), units_sold=pl.lit(5000, pl.Int64)
        )
        for day in range(3)
    ]
    panel, _ = panel_of(pl.concat([records, *burst]), 330)
    worst = rolling_origin.run(panel.rows(panel.totals()), BacktestPlan(origins=1), JobProgress()).worst
    assert worst[0].item_id == "I029"
    assert worst[0].sold > 15_000 > 10 * worst[0].expected
    assert worst[0].loss_share > 0.5
    assert len(worst) == 10


def test_the_last_window_ends_with_the_data() -> None:
    assert BacktestPlan().origins_of(681) == [625, 639, 653]


def test_items_are_chosen_before_the_first_origin() -> None:
    records = demand(200)
    late = records.filter(pl.col("item_id") == "I000").head(1).with_columns(item_id=pl.lit("LATE"))
    days = [late.with_columns(date_local=pl.lit(dt.date(2022, 6, 6) + dt.timedelta(d))) for d in range(150, 200)]
    panel, _ = panel_of(pl.concat([records, *days]), 200)
    rows = rolling_origin.most_active(panel, 150, 10)
    assert "LATE" not in [panel.item_ids[row] for row in rows]
