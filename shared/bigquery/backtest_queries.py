"""The backtest that comes with a run: its rows, and how good it was, over all items and of one.

Definitions as in accuracy_queries, but over every day of the backtest: each was forecast from the same origin. Days of
which demand is not known (null) count nowhere. Where nothing was sold, ratios are null.
"""

from __future__ import annotations

from shared.bigquery.accuracy_queries import quantile_loss
from shared.bigquery.tables import COVERED_QUANTILES, DAILY_QUANTILES, quantile_column

_QUANTILES = ", ".join(quantile_column(level) for level in DAILY_QUANTILES)
_COVERED = ",\n  ".join(
    f"SAFE_DIVIDE(COUNTIF(units_sold <= {name}), COUNT(units_sold)) AS covered_{name}"
    for name in map(quantile_column, COVERED_QUANTILES)
)
# With the naive forecast only days are compared on which both are known.
_NAIVE_UNITS = "SUM(IF(naive IS NULL, NULL, units_sold))"
_METRICS = f"""
  COUNT(DISTINCT item_id) AS items, MIN(origin_date) AS origin_date, MAX(date_local) AS last_date,
  COUNT(units_sold) AS days, SUM(units_sold) AS units, SUM(IF(units_sold IS NULL, NULL, mean)) AS forecast_units,
  SAFE_DIVIDE(SUM(ABS(mean - units_sold)), SUM(units_sold)) AS wape,
  SAFE_DIVIDE(SUM(mean - units_sold), SUM(units_sold)) AS bias,
  SAFE_DIVIDE(SUM({quantile_loss("units_sold")}), SUM(units_sold)) AS wql,
  {_COVERED},
  SAFE_DIVIDE(SUM(ABS(naive - units_sold)), {_NAIVE_UNITS}) AS naive_wape,
  SAFE_DIVIDE(
    SUM(ABS(naive - units_sold)) - SUM(IF(naive IS NULL, NULL, ABS(mean - units_sold))), {_NAIVE_UNITS}
  ) AS fva
"""

# How good a run's backtest was, over all its items; one row, with `items` 0 where it has none.
RUN_BACKTEST = f"""
SELECT {_METRICS}
FROM {{forecast_backtest}}
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
"""  # noqa: S608 - names come from the table definitions

# One item's, day by day, each with the metrics of them all; no row where it has none.
ITEM_BACKTEST = f"""
WITH tested AS (
  SELECT item_id, origin_date, date_local, units_sold, naive, mean, {_QUANTILES}
  FROM {{forecast_backtest}}
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND item_id = @item_id
    AND location_id = '*'
),
metrics AS (SELECT {_METRICS} FROM tested)
SELECT tested.date_local, tested.units_sold, tested.mean AS mean, {_QUANTILES},
  metrics.* EXCEPT (items)
FROM tested CROSS JOIN metrics
ORDER BY tested.date_local
"""  # noqa: S608
