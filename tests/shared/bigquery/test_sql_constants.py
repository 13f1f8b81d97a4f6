"""The SQL spells out what Python defines elsewhere: quantiles, lags, statuses, columns. The two agree."""

from __future__ import annotations

import re

import pytest
from sqlglot import exp

from shared.bigquery.accuracy_queries import GroupAccuracy
from shared.bigquery.analytics_queries import StockDay
from shared.bigquery.backtest_queries import ItemBacktestDay, RunBacktest
from shared.bigquery.forecast_queries import ForecastDay, WindowTotal
from shared.bigquery.query import FIRST_ID, LAST_ID, Query
from shared.bigquery.tables import (
    ACCURACY,
    ACCURACY_LAGS,
    ALL_LOCATIONS,
    COVERED_QUANTILES,
    COVERED_WINDOW_QUANTILES,
    DAILY_QUANTILES,
    SCORED_WINDOWS,
    TOTAL_ACCURACY,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
    Table,
    quantile_column,
)
from shared.domain.forecast_value import WINDOW_DAYS as FORECAST_VALUE_DAYS
from shared.domain.planning.stock_status import StockStatus
from shared.domain.recency import RECENCY_GROUPS
from tests.support.sql_lint import parsed, qualified

DAILY = [quantile_column(level) for level in DAILY_QUANTILES]
WINDOW = [quantile_column(level) for level in WINDOW_QUANTILES]
COVERED = [quantile_column(level) for level in COVERED_QUANTILES]
RATIOS = {"wape", "mape", "rmse", "mase", "bias", "wql", "fva"}  # they differ where the sums do


def _expression(name: str, alias: str) -> exp.Expr:
    """What a file computes under a name."""
    (found,) = (named for named in parsed(Query(name).text).find_all(exp.Alias) if named.alias == alias)
    return found.this


def _levels(fields: tuple[str, ...]) -> list[str]:
    return [name for name in fields if re.fullmatch(r"q\d\d", name)]


def test_rows_have_the_quantiles_of_their_table() -> None:
    assert _levels(ForecastDay._fields) == _levels(ItemBacktestDay._fields) == DAILY
    assert _levels(WindowTotal._fields) == WINDOW
    curves = _expression("forecast_curves", "window_quantiles").find(exp.Array)
    assert curves is not None
    assert [column.name for column in curves.expressions] == WINDOW


@pytest.mark.parametrize(
    ("name", "alias", "actual"),
    [
        ("score_forecasts", "quantile_loss", "actual"),
        ("run_backtest", "wql", "units_sold"),
        ("item_backtest", "wql", "units_sold"),
    ],
)
def test_the_quantile_loss_is_the_mean_over_all_levels(name: str, alias: str, actual: str) -> None:
    losses = [
        f"GREATEST(({actual} - {column}) * {level}, ({column} - {actual}) * {round(1 - level, 2)})"
        for column, level in zip(DAILY, DAILY_QUANTILES, strict=True)
    ]
    loss = f"2 * ({' + '.join(losses)}) / {len(losses)}"
    assert loss in _expression(name, alias).sql(dialect="bigquery")


@pytest.mark.parametrize("row", [RunBacktest, ItemBacktestDay, GroupAccuracy])
def test_coverage_is_of_the_levels_that_are_kept(row: type[RunBacktest | ItemBacktestDay | GroupAccuracy]) -> None:
    assert [name for name in row._fields if name.startswith("covered_")] == [f"covered_{name}" for name in COVERED]


@pytest.mark.parametrize("column", COVERED)
def test_coverage_counts_days_that_sold_no_more_than_the_quantile(column: str) -> None:
    alias = f"covered_{column}"
    of_day, of_group, of_run = (
        _expression(name, alias).sql(dialect="bigquery")
        for name in ("score_forecasts", "accuracy_by_group", "run_backtest")
    )
    assert of_day == f"IF(known AND actual <= {column}, 1, 0)"
    assert of_group == f"SAFE_DIVIDE(SUM({alias}), SUM(days))"
    assert of_run == f"SAFE_DIVIDE(COUNTIF(units_sold <= {column}), COUNT(units_sold))"


@pytest.mark.parametrize("name", [name for name in GroupAccuracy._fields[3:] if name != "window_days"])
def test_every_group_has_the_same_accuracy(name: str) -> None:
    assert _expression("accuracy_by_category", name) == _expression("accuracy_by_group", name)


def test_a_run_and_an_item_have_the_same_metrics() -> None:
    for name in RunBacktest._fields[3:]:
        if name not in ItemBacktestDay._fields[:3]:
            assert _expression("item_backtest", name) == _expression("run_backtest", name)
    assert set(RunBacktest._fields) - {"over_all", "recency", "items"} <= set(ItemBacktestDay._fields)


def test_forecasts_are_scored_at_the_lags_that_are_kept() -> None:
    text = Query("score_forecasts").text
    assert f"DATE_DIFF(date_local, run_date, DAY) + 1 IN ({', '.join(map(str, ACCURACY_LAGS))})" in text
    partitions = re.findall(
        r"run_date BETWEEN DATE_SUB\(@first, INTERVAL (\d+) DAY\) AND DATE_SUB\(@last, INTERVAL (\d+) DAY\)", text
    )
    assert ACCURACY_LAGS[0] == 1
    assert "run_date BETWEEN @first AND @last\n" in text
    assert partitions == [(str(lag - 1), str(lag - 1)) for lag in ACCURACY_LAGS[1:]]


def test_totals_are_scored_over_the_windows_that_are_kept() -> None:
    text = Query("score_totals").text
    assert f"window_days IN ({', '.join(map(str, SCORED_WINDOWS))})" in text
    assert set(SCORED_WINDOWS) <= set(WINDOW_DAYS)
    assert set(SCORED_WINDOWS) <= set(ACCURACY_LAGS)  # whose runs are due when a window ends
    partitions = re.findall(
        r"run_date BETWEEN DATE_SUB\(@first, INTERVAL (\d+) DAY\) AND DATE_SUB\(@last, INTERVAL (\d+) DAY\)", text
    )
    assert partitions == [(str(days - 1), str(days - 1)) for days in SCORED_WINDOWS]


def test_totals_are_covered_at_the_levels_that_are_kept() -> None:
    covered = [f"covered_{quantile_column(level)}" for level in COVERED_WINDOW_QUANTILES]
    assert [name for name in TOTAL_ACCURACY.column_names if name.startswith("covered_")] == covered
    assert [name for name in GroupAccuracy._fields if "covered" in name][len(COVERED) :] == [
        f"window_{name}" for name in covered
    ]
    for name in covered:
        of_window = _expression("score_totals", name).sql(dialect="bigquery")
        of_group = _expression("accuracy_by_group", f"window_{name}").sql(dialect="bigquery")
        assert of_window == f"IF(known AND actual <= {name.removeprefix('covered_')}, 1, 0)"
        assert of_group == f"SAFE_DIVIDE(SUM({name}), SUM(windows))"


def test_recency_groups_are_those_of_the_definition() -> None:
    cases = [
        f"WHEN days_since_sale <= {last} THEN '{name}'" if last else f"WHEN days_since_sale > {earlier} THEN '{name}'"
        for (name, last), earlier in zip(RECENCY_GROUPS.items(), [None, *RECENCY_GROUPS.values()], strict=False)
    ]
    text = " ".join(Query("accuracy_by_group").text.split())
    assert text.count(f"WHEN 'recency' THEN CASE {' '.join(cases)} END") == 2
    assert f"CASE {' '.join(cases)} END AS recency" in " ".join(Query("run_backtest").text.split())


def test_stock_is_compared_over_the_window_of_the_definition() -> None:
    assert f"window_days = {FORECAST_VALUE_DAYS} AND windows = 1" in Query("stock_curves").text
    assert FORECAST_VALUE_DAYS in SCORED_WINDOWS


@pytest.mark.parametrize(("name", "table"), [("score_forecasts", ACCURACY), ("score_totals", TOTAL_ACCURACY)])
def test_scores_fill_every_column_of_their_table(name: str, table: Table) -> None:
    merge = parsed(Query(name).text)
    update, insert = (when.args["then"] for when in merge.args["whens"].expressions)
    values = [name for name in table.column_names if name not in (*table.key, "run_date")]
    assert [(change.this.name, change.expression.sql()) for change in update.expressions] == [
        (name, f"S.{name}") for name in values
    ]
    assert [column.name for column in insert.this.expressions] == list(table.column_names)
    assert [value.sql() for value in insert.expression.expressions] == [f"S.{name}" for name in table.column_names]
    assert set(qualified(merge).named_selects) == set(table.column_names)
    (condition,) = (when.args["condition"] for when in merge.args["whens"].expressions if when.args.get("condition"))
    compared = [(one.this.sql(), one.expression.sql()) for one in condition.find_all(exp.NullSafeNEQ)]
    assert sorted(compared) == sorted((f"T.{name}", f"S.{name}") for name in values if name not in RATIOS)
    joined = [(one.this.sql(), one.expression.sql()) for one in merge.args["on"].find_all(exp.EQ)]
    assert sorted(joined) == sorted(
        (f"T.{name}", "@client_id" if name == "client_id" else f"S.{name}") for name in table.key
    )


def test_trends_count_every_status() -> None:
    statuses = [status.value for status in StockStatus]
    first = StockDay._fields.index(statuses[0])
    assert list(StockDay._fields[first:][: 2 * len(statuses)]) == [*statuses, *(f"{name}_value" for name in statuses)]
    for status in statuses:
        worth = _expression("inventory_trends", f"{status}_value").sql(dialect="bigquery")
        assert worth == f"SUM(IF(status = '{status}', inventory_value, 0))"
        assert _expression("inventory_trends", status).sql(dialect="bigquery") == f"COUNTIF(status = '{status}')"


def test_all_locations_are_the_mark_that_the_files_use() -> None:
    assert ALL_LOCATIONS == "*"


@pytest.mark.parametrize("item_id", ["!", "A-1", "ünïcode", "😀", "~" * 128])
def test_every_id_is_in_the_range_of_all(item_id: str) -> None:
    """BigQuery compares text by code points, as Python does."""
    assert FIRST_ID < item_id < LAST_ID
    assert not LAST_ID.isprintable()
