"""The metrics of a backtest against plain numpy over the same rows."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from shared.bigquery.backtest_queries import ITEM_BACKTEST, RUN_BACKTEST
from shared.bigquery.tables import BACKTESTS, DAILY_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from tests.support.forecasts import append_rows
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

DAYS = 9
ORIGIN = TODAY - dt.timedelta(DAYS)
NAMES = [quantile_column(level) for level in DAILY_QUANTILES]
RUN: dict[str, Any] = {"run_date": TODAY, "run_id": "run"}


def _item(
    item: str, units: list[float | None], naive: float | None, days_since_sale: int | None
) -> list[dict[str, Any]]:
    return [
        {"client_id": "", "run_date": TODAY, "run_id": "run", "item_id": item, "location_id": "*"}
        | {"origin_date": ORIGIN, "date_local": ORIGIN + dt.timedelta(day), "units_sold": sold, "naive": naive}
        | {"days_since_sale": days_since_sale}
        | {"mean": 1.5 + day / 10, "engine": "test"}
        | {name: 4 * level + day / 10 for name, level in zip(NAMES, DAILY_QUANTILES, strict=True)}
        for day, sold in enumerate(units)
    ]


# One with days of which nothing is known, one never sold, one new enough to have no naive forecast.
ROWS = [
    *_item("A", [2, 0, None, 5, 1, 0, None, 3, 1], 1.0, 30),
    *_item("none", [0] * DAYS, 0.0, None),
    *_item("new", [1, 4, 0, 2, None, 1, 0, 0, 7], None, 1),
    *_item("unknown", [None] * DAYS, 2.0, 181),
]
AGES: dict[str | None, set[int | None]] = {"0-30 days": {1, 30}, "over 180 days": {181}, None: {None}}


@pytest.fixture(scope="module")
def warehouse(running: Running) -> Warehouse:
    client = TestClient(running.base_url).create()
    for run_id, rows in (("run", ROWS), ("other", _item("A", [9.0] * DAYS, 1.0, 5))):
        frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
            client_id=pl.lit(client.client_id),
            run_id=pl.lit(run_id),
            units_sold=pl.col("units_sold").cast(pl.Float64),
            naive=pl.col("naive").cast(pl.Float64),
        )
        append_rows(client, BACKTESTS, frame, run_id)
    return Warehouse(config(), client.client_id)


def _expected(rows: list[dict[str, Any]]) -> dict[str, Any]:
    known = [row for row in rows if row["units_sold"] is not None]
    paired = [row for row in known if row["naive"] is not None]

    def column(of: list[dict[str, Any]], name: str) -> Any:
        return np.array([row[name] for row in of], float)

    def ratio(part: float, whole: float) -> float | None:
        return part / whole if whole else None

    sold, mean = column(known, "units_sold"), column(known, "mean")
    error = sold[:, None] - np.array([[row[name] for name in NAMES] for row in known]).reshape(len(known), len(NAMES))
    level = np.array(DAILY_QUANTILES)
    loss = 2 * np.maximum(error * level, error * (level - 1)).mean(axis=1).sum() if known else 0
    naive_error = np.abs(column(paired, "naive") - column(paired, "units_sold")).sum()
    our_error = np.abs(column(paired, "mean") - column(paired, "units_sold")).sum()
    units, paired_units = sold.sum(), column(paired, "units_sold").sum()
    return {
        "days": len(known),
        "units": units if known else None,
        "forecast_units": mean.sum() if known else None,
        "wape": ratio(np.abs(mean - sold).sum(), units),
        "bias": ratio((mean - sold).sum(), units),
        "wql": ratio(loss, units),
        "naive_wape": ratio(naive_error, paired_units),
        "fva": ratio(naive_error - our_error, paired_units),
        "origin_date": ORIGIN,
        "last_date": TODAY - dt.timedelta(1),
    } | {
        f"covered_{name}": ratio(sum(row["units_sold"] <= row[name] for row in known), len(known))
        for name in ("q50", "q80", "q90", "q95")
    }


def _assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if value is None or isinstance(value, dt.date):
            assert found[name] == value, name
        else:
            assert math.isclose(found[name], value, rel_tol=1e-9, abs_tol=1e-12), name


def test_all_items_of_a_run_together(warehouse: Warehouse) -> None:
    every, *groups = warehouse.rows(RUN_BACKTEST, **RUN)
    assert (every.over_all, every.recency, every.items) == (True, None, 4)
    _assert_equal(every._asdict(), _expected(ROWS))
    assert {(row.over_all, row.recency) for row in groups} == {(False, group) for group in AGES}
    for row in groups:
        mine = [one for one in ROWS if one["days_since_sale"] in AGES[row.recency]]
        assert row.items == len({one["item_id"] for one in mine})
        _assert_equal(row._asdict(), _expected(mine))


@pytest.mark.parametrize("item", ["A", "none", "new", "unknown"])
def test_an_item_day_by_day(warehouse: Warehouse, item: str) -> None:
    mine = [row for row in ROWS if row["item_id"] == item]
    found = warehouse.rows(ITEM_BACKTEST, item_id=item, **RUN)
    shown = ["date_local", "units_sold", "mean", *NAMES]
    assert [[getattr(row, name) for name in shown] for row in found] == [[row[name] for name in shown] for row in mine]
    for row in found:
        _assert_equal(row._asdict(), _expected(mine))


def test_where_there_is_none(warehouse: Warehouse) -> None:
    (row,) = warehouse.rows(RUN_BACKTEST, run_date=TODAY, run_id="nothing")
    assert (row.over_all, row.items, row.wape, row.covered_q50, row.fva) == (True, 0, None, None, None)
    assert warehouse.rows(ITEM_BACKTEST, item_id="nothing", **RUN) == []
