"""Accuracy of frozen forecasts: scoring them once their days are over, and reading the scores by group.

A forecast of a day is compared with what was sold on it, at the lags of `ACCURACY_LAGS`. Definitions (rules.md): F is
the expected demand, A what was sold, returns counting as nothing and a day without a row as a day without a sale. A day
that began without stock and sold nothing says nothing about demand: it is missing, and in no sum.

- The seasonal naive forecast is the same weekday of the week before the run; unknown where that day is missing or older
  than the client's first record.
- MASE's scale is the mean absolute difference of days a week apart, both within the 13 weeks before the run (Hyndman
  and Koehler 2006, "Another look at measures of forecast accuracy"); without a scale above zero a day is not in MASE.
- WQL is the mean over the stored levels of 2 x pinball loss / units sold.

Ratios of a group are made of the sums of its rows, never of their ratios. WAPE, MAPE, bias, WQL and FVA are fractions.
"""

from __future__ import annotations

from typing import Literal

from shared.bigquery.tables import (
    ACCURACY,
    ACCURACY_LAGS,
    ALL_LOCATIONS,
    COVERED_QUANTILES,
    DAILY_QUANTILES,
    quantile_column,
)

AccuracyGroup = Literal["item", "category", "demand_pattern", "engine", "lag"]

# Demand is read from this long before the first run: 13 weeks, and a month that tells whether the client is older.
HISTORY_DAYS = 13 * 7 + 31


def quantile_loss(actual: str) -> str:
    """SQL: a day's weighted quantile loss in units, the mean over the quantiles of 2 x pinball loss; `actual` is the
    column of what was sold."""
    losses = " + ".join(
        f"GREATEST(({actual} - {name}) * {level}, ({name} - {actual}) * {round(1 - level, 2)})"
        for name, level in ((quantile_column(level), level) for level in DAILY_QUANTILES)
    )
    return f"2 * ({losses}) / {len(DAILY_QUANTILES)}"


# The last day of demand, and the last day that forecasts were scored on.
ACCURACY_PROGRESS = """
SELECT
  (SELECT MAX(date_local) FROM {ts_demand_daily}
   WHERE client_id = @client_id AND date_local BETWEEN @first AND @last) AS known_until,
  (SELECT MAX(DATE_ADD(run_date, INTERVAL lag - 1 DAY)) FROM {forecast_accuracy}
   WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last) AS scored_until
"""

# Only the partitions that have a lag's day within the batch; BigQuery prunes on these, not on a computed lag.
_RUN_DATES = " OR ".join(
    f"run_date BETWEEN DATE_SUB(@first, INTERVAL {lag - 1} DAY) AND DATE_SUB(@last, INTERVAL {lag - 1} DAY)"
    for lag in ACCURACY_LAGS
)
_LAGS = ", ".join(str(lag) for lag in ACCURACY_LAGS)
_QUANTILES = ", ".join(quantile_column(level) for level in DAILY_QUANTILES)
_COVERED = ",\n".join(
    f"    IF(known AND actual <= {quantile_column(level)}, 1, 0) AS covered_{quantile_column(level)}"
    for level in COVERED_QUANTILES
)
_VALUES = [name for name in ACCURACY.column_names if name not in (*ACCURACY.key, "client_id", "run_date")]
_RATIOS = ("wape", "mape", "rmse", "mase", "bias", "wql", "fva")  # they differ where the sums do
_DIFFERS = " OR ".join(f"T.{name} IS DISTINCT FROM S.{name}" for name in _VALUES if name not in _RATIOS)
_SAME_KEY = " AND ".join(f"T.{name} = S.{name}" for name in ACCURACY.key if name != "client_id")

# Scores the forecasts of some runs on the days from @first to @last: one row a series, run and lag. Again over the same
# forecasts and demand it changes nothing.
SCORE_FORECASTS = f"""
MERGE {{forecast_accuracy}} T USING (
WITH forecasts AS (
  SELECT client_id, run_date, run_id, item_id, location_id, date_local, engine, mean, {_QUANTILES},
    DATE_DIFF(date_local, run_date, DAY) + 1 AS lag,
    DATE_ADD(run_date, INTERVAL MOD(DATE_DIFF(date_local, run_date, DAY), 7) - 7 DAY) AS naive_date
  FROM {{forecast_results}}
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last AND ({_RUN_DATES})
    AND run_id IN UNNEST(@run_ids) AND date_local BETWEEN @first AND @last
    AND DATE_DIFF(date_local, run_date, DAY) + 1 IN ({_LAGS})
),
patterns AS (
  SELECT run_id, item_id, demand_pattern FROM {{sku_classifications}}
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last AND run_id IN UNNEST(@run_ids)
),
records AS (
  SELECT item_id, location_id, date_local, GREATEST(units_sold, 0) AS units, IFNULL(stock_on_date <= 0, FALSE) AS empty
  FROM {{ts_demand_daily}}
  WHERE client_id = @client_id AND date_local BETWEEN @history AND @last
),
client AS (SELECT MIN(date_local) AS since FROM records),
days AS (
  SELECT item_id, location_id, date_local, SUM(units) AS units, LOGICAL_AND(empty) AND SUM(units) = 0 AS missing
  FROM records GROUP BY item_id, location_id, date_local
  UNION ALL
  SELECT item_id, '{ALL_LOCATIONS}', date_local, SUM(units), LOGICAL_AND(empty) AND SUM(units) = 0
  FROM records GROUP BY item_id, date_local
),
steps AS (
  SELECT item_id, location_id, date_local, ABS(SUM(units)) AS step, LOGICAL_OR(missing) AS missing
  FROM (
    SELECT item_id, location_id, date_local, units, missing FROM days
    UNION ALL
    SELECT item_id, location_id, DATE_ADD(date_local, INTERVAL 7 DAY), -units, missing FROM days
  )
  GROUP BY item_id, location_id, date_local
),
runs AS (
  SELECT run_date, GREATEST(DATE_SUB(run_date, INTERVAL 84 DAY), DATE_ADD(since, INTERVAL 7 DAY)) AS first_step
  FROM (SELECT DISTINCT run_date FROM forecasts) CROSS JOIN client
),
scales AS (
  SELECT run_date, item_id, location_id,
    CAST(SUM(IF(missing, 0, step)) AS FLOAT64)
      / NULLIF(DATE_DIFF(run_date, MIN(first_step), DAY) - COUNTIF(missing), 0) AS scale
  FROM runs JOIN steps ON date_local >= first_step AND date_local < run_date
  GROUP BY run_date, item_id, location_id
),
compared AS (
  SELECT f.*, p.demand_pattern, NULLIF(s.scale, 0) AS scale, NOT IFNULL(a.missing, FALSE) AS known,
    CAST(IFNULL(a.units, 0) AS FLOAT64) AS actual,
    IF(f.naive_date < client.since OR IFNULL(n.missing, FALSE), NULL, CAST(IFNULL(n.units, 0) AS FLOAT64)) AS naive
  FROM forecasts f CROSS JOIN client
  LEFT JOIN patterns p ON p.run_id = f.run_id AND p.item_id = f.item_id
  LEFT JOIN scales s ON s.run_date = f.run_date AND s.item_id = f.item_id AND s.location_id = f.location_id
  LEFT JOIN days a ON a.item_id = f.item_id AND a.location_id = f.location_id AND a.date_local = f.date_local
  LEFT JOIN days n ON n.item_id = f.item_id AND n.location_id = f.location_id AND n.date_local = f.naive_date
),
sums AS (
  SELECT client_id, run_date, run_id, item_id, location_id, lag, engine, demand_pattern,
    IF(known, 1, 0) AS days,
    IF(known, actual, 0) AS actual,
    IF(known, mean - actual, 0) AS error,
    IF(known, ABS(mean - actual), 0) AS absolute_error,
    IF(known, (mean - actual) * (mean - actual), 0) AS squared_error,
    IF(known AND actual > 0, 1, 0) AS nonzero_days,
    IF(known AND actual > 0, IFNULL(SAFE_DIVIDE(ABS(mean - actual), actual), 0), 0) AS percentage_error,
    IF(known AND scale IS NOT NULL, 1, 0) AS scaled_days,
    IF(known, IFNULL(SAFE_DIVIDE(ABS(mean - actual), scale), 0), 0) AS scaled_error,
    IF(known, {quantile_loss("actual")}, 0) AS quantile_loss,
{_COVERED},
    IF(known AND naive IS NOT NULL, 1, 0) AS naive_days,
    IF(known AND naive IS NOT NULL, actual, 0) AS naive_actual,
    IF(known, IFNULL(ABS(naive - actual), 0), 0) AS naive_absolute_error,
    IF(known AND naive IS NOT NULL, ABS(mean - actual), 0) AS paired_absolute_error
  FROM compared
)
SELECT *,
  SAFE_DIVIDE(absolute_error, actual) AS wape,
  SAFE_DIVIDE(percentage_error, nonzero_days) AS mape,
  SQRT(SAFE_DIVIDE(squared_error, days)) AS rmse,
  SAFE_DIVIDE(scaled_error, scaled_days) AS mase,
  SAFE_DIVIDE(error, actual) AS bias,
  SAFE_DIVIDE(quantile_loss, actual) AS wql,
  SAFE_DIVIDE(naive_absolute_error - paired_absolute_error, naive_actual) AS fva
FROM sums
) S
ON T.client_id = @client_id AND T.run_date BETWEEN @first_run AND @last AND {_SAME_KEY}
WHEN MATCHED AND ({_DIFFERS}) THEN
  UPDATE SET {", ".join(f"{name} = S.{name}" for name in _VALUES)}
WHEN NOT MATCHED THEN INSERT ({", ".join(ACCURACY.column_names)})
  VALUES ({", ".join(f"S.{name}" for name in ACCURACY.column_names)})
"""  # noqa: S608 - names come from the table definitions

_GROUPS: dict[AccuracyGroup, str] = {
    "item": "item_id",
    "category": "category",
    "demand_pattern": "demand_pattern",
    "engine": "engine",
    "lag": "CAST(lag AS STRING)",
}
_CATEGORIES = """
  LEFT JOIN (
    SELECT item_id, category FROM UNNEST(SPLIT(@item_ids, @separator)) AS item_id WITH OFFSET AS place
    JOIN UNNEST(SPLIT(@categories, @separator)) AS category WITH OFFSET AS category_place ON place = category_place
  ) USING (item_id)"""
_COVERAGE = ", ".join(
    f"SAFE_DIVIDE(SUM(covered_{name}), SUM(days)) AS covered_{name}" for name in map(quantile_column, COVERED_QUANTILES)
)


def accuracy_by(group: AccuracyGroup, *, one_item: bool = False) -> str:
    """One page of a client's accuracy by group, the group that sold most first: runs from @first to @last, lags from
    @first_lag to @last_lag, at @location_id, with `one_item` only of @item_id; page @size from @offset on.

    Each row: `group_key`, units and ratios, `total` groups, and `as_of`, the last day that any of them was scored on. A
    page behind the last one is a row without units. By category it takes @item_ids and @categories, in pairs, each
    as one text with a @separator: with arrays of 10,000 the request took four times as long (emulator).
    """
    return f"""
WITH grouped AS (
  SELECT {_GROUPS[group]} AS group_key,
    MAX(DATE_ADD(run_date, INTERVAL lag - 1 DAY)) AS scored_until,
    COUNT(*) AS forecasts,
    SUM(days) AS days,
    SUM(actual) AS actual,
    SUM(actual) + SUM(error) AS forecast,
    SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS wape,
    SAFE_DIVIDE(SUM(error), SUM(actual)) AS bias,
    SAFE_DIVIDE(SUM(percentage_error), SUM(nonzero_days)) AS mape,
    SQRT(SAFE_DIVIDE(SUM(squared_error), SUM(days))) AS rmse,
    SAFE_DIVIDE(SUM(scaled_error), SUM(scaled_days)) AS mase,
    SAFE_DIVIDE(SUM(quantile_loss), SUM(actual)) AS wql,
    {_COVERAGE},
    SAFE_DIVIDE(SUM(naive_absolute_error), SUM(naive_actual)) AS naive_wape,
    SAFE_DIVIDE(SUM(naive_absolute_error) - SUM(paired_absolute_error), SUM(naive_actual)) AS fva
  FROM {{forecast_accuracy}}{_CATEGORIES if group == "category" else ""}
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND lag BETWEEN @first_lag AND @last_lag{" AND item_id = @item_id" if one_item else ""}
  GROUP BY group_key
),
page AS (SELECT * FROM grouped ORDER BY actual DESC, group_key LIMIT @size OFFSET @offset)
SELECT page.*, known.total, known.as_of
FROM (SELECT COUNT(*) AS total, MAX(scored_until) AS as_of FROM grouped) AS known LEFT JOIN page ON TRUE
ORDER BY page.actual DESC, page.group_key
"""  # noqa: S608
