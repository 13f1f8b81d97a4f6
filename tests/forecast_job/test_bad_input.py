"""A shop whose records are as bad as records get: every item comes out as something that can be relied on."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from forecast_job.__main__ import main
from shared.bigquery.tables import DAILY_QUANTILES, DEMAND, WINDOW_DAYS, WINDOW_QUANTILES, quantile_column
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from tests.support.forecasts import append_rows
from tests.support.running import Running
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient

HORIZON = 30
DECADE_DAYS = 3653
YEARS_DAYS = 731  # as much as is read
DAYS = 730
Rows = list[dict[str, Any]]


def rows_of(item: str, days_ago: Iterable[int], units: float, **more: object) -> Rows:
    same = {"item_id": item, "location_id": "N", "units_sold": float(units), "revenue": 0, "stock_on_date": 1} | more
    return [same | {"date_local": TODAY - dt.timedelta(day)} for day in days_ago]


def steady(item: str, units: float, days: int = DAYS, **more: object) -> Rows:
    return rows_of(item, range(1, days + 1), units, **more)


RECORDS = [
    *steady("decade", 4, DECADE_DAYS),
    *steady("two years", 4, YEARS_DAYS),
    *rows_of("one day", [1], 5),
    *rows_of("gap", [5000, 2], 3),
    *rows_of("gone", [5000], 3),
    *rows_of("only future", [0, -1, -400], 9),
    *steady("steady", 5),
    *steady("and future", 5),
    *rows_of("and future", [0, -1, -2], 5000),
    *steady("returned", -3, revenue=-30),
    *rows_of("returns", range(1, DAYS, 2), -5),
    *rows_of("returns", range(2, DAYS, 2), 6),
    *rows_of("zeros for returns", range(1, DAYS, 2), 0),
    *rows_of("zeros for returns", range(2, DAYS, 2), 6),
    *steady("never sold", 0),
    *steady("never in stock", 0, stock_on_date=0),
    *steady("a million", 1_000_000),
    *steady("half a metre", 0.5),
    *steady("' OR 1=1 --", 2),
]
TWICE = steady("twice a day", 2) + steady("twice a day", 3)


class Published:
    """The rows of the run by item, all locations together, and what was said."""

    def __init__(self, client: TestClient, said: str) -> None:
        self.lines = [json.loads(line) for line in said.splitlines()]
        self.daily, self.totals, self.classes, self.backtest = (
            self._of(client, table)
            for table in ("forecast_results", "lead_time_demand", "sku_classifications", "forecast_backtest")
        )

    def _of(self, client: TestClient, table: str) -> dict[str, Rows]:
        sql = f"SELECT * FROM inventory.{table} WHERE client_id = @client_id AND run_date = @run_date"
        by_item = defaultdict(list)
        for row in table_rows(Warehouse(config(), client.client_id), sql, run_date=TODAY):
            if row.get("location_id", "*") == "*":
                by_item[row["item_id"]].append(row)
        return by_item

    def mean(self, item: str) -> list[float]:
        return [row["mean"] for row in sorted(self.daily[item], key=lambda row: row["date_local"])]


@pytest.fixture(scope="module")
def published(running: Running) -> Published:
    client = TestClient(running.base_url).create()
    client.sell(RECORDS)
    frame = pl.DataFrame(TWICE).with_columns(
        pl.col("units_sold", "revenue", "stock_on_date").cast(pl.Decimal(38, 9)),
        pl.lit(None, pl.Decimal(38, 9)).alias("marketing_spend"),
        pl.lit(client.client_id).alias("client_id"),
        pl.lit("seed").alias("run_id"),
        *(pl.lit(None, pl.Boolean).alias(name) for name in ("promotion_flag", "holiday_flag", "is_weekend")),
    )
    append_rows(client, DEMAND, frame, "twice")  # past the import, which would have merged them
    said = StringIO()
    with redirect_stdout(said):
        assert main(["--client", client.client_id, "--horizon", str(HORIZON), "--backtest"], {}) == 0
    return Published(client, said.getvalue())


def test_items_with_a_record_in_two_years_are_forecast_and_no_others(published: Published) -> None:
    expected = {row["item_id"] for row in RECORDS} - {"gone", "only future"} | {"twice a day"}
    assert set(published.daily) == set(published.totals) == set(published.classes) == expected
    assert {len(rows) for rows in published.daily.values()} == {HORIZON}
    assert {len(rows) for rows in published.totals.values()} == {len(WINDOW_DAYS)}


def test_every_number_is_one(published: Published) -> None:
    for kind, levels in (
        (published.daily, DAILY_QUANTILES),
        (published.totals, WINDOW_QUANTILES),
        (published.backtest, DAILY_QUANTILES),
    ):
        names = [quantile_column(level) for level in levels]
        for rows in kind.values():
            assert all(math.isfinite(row["mean"]) and row["mean"] >= 0 for row in rows)
            assert all(0 <= row[a] <= row[b] < math.inf for row in rows for a, b in pairwise(names))


def test_ten_years_are_forecast_as_their_last_two(published: Published) -> None:
    assert published.mean("decade") == published.mean("two years")
    assert published.mean("decade") == pytest.approx([4] * HORIZON, rel=0.1)


@pytest.mark.parametrize(
    ("item", "like"),
    [
        ("and future", "steady"),  # days from the run date on are not known yet
        ("twice a day", "steady"),  # records of one day add up
        ("returned", "never sold"),  # what came back was not asked for
        ("returns", "zeros for returns"),
    ],
)
def test_bad_records_change_nothing(published: Published, item: str, like: str) -> None:
    assert published.mean(item) == pytest.approx(published.mean(like), rel=1e-5)
    quantiles = [[row["q90"] for row in published.totals[one]] for one in (item, like)]
    assert quantiles[0] == pytest.approx(quantiles[1], rel=1e-5)


@pytest.mark.parametrize("item", ["returned", "never sold", "never in stock"])
def test_what_never_sold_is_expected_to_sell_nothing(published: Published, item: str) -> None:
    assert set(published.mean(item)) == {0}
    assert {row["q99"] for row in published.totals[item]} == {0}
    (row,) = published.classes[item]
    assert (row["abc"], row["demand_pattern"], row["first_sale"]) == ("C", "no_demand", None)


def test_units_of_any_size_keep_it(published: Published) -> None:
    assert published.mean("a million") == pytest.approx([1e6] * HORIZON, rel=0.1)
    assert published.mean("half a metre") == pytest.approx([0.5] * HORIZON, rel=0.1)


def test_one_day_and_a_gap_of_5000_days_are_forecast_with_caution(published: Published) -> None:
    for item, units in (("one day", 5), ("gap", 3)):
        assert 0 < published.mean(item)[0] < units
        assert published.backtest.get(item) is None


def test_a_backtest_knows_which_days_were_not_known(published: Published) -> None:
    assert {row["units_sold"] for row in published.backtest["steady"]} == {5}
    assert {row["units_sold"] for row in published.backtest["and future"]} == {5}
    assert {row["units_sold"] for row in published.backtest["returned"]} == {0}
    assert "never in stock" not in published.backtest


def test_what_is_not_used_is_said(published: Published) -> None:
    warnings = {line["message"]: line for line in published.lines if line["severity"] == "WARNING"}
    assert warnings["records dated on the run date or later are not used"]["records"] == 6
    assert warnings["records were not used as they are"]["negative"] == DAYS + DAYS // 2
