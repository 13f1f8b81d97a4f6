"""Named queries. Each filters on the client and the partition column of every table it reads (the warehouse checks)."""

from __future__ import annotations

from shared.bigquery.tables import DAILY_QUANTILES, WINDOW_QUANTILES, quantile_column

_DAILY = ", ".join(quantile_column(level) for level in DAILY_QUANTILES)
_WINDOW = ", ".join(quantile_column(level) for level in WINDOW_QUANTILES)

# One item's sales by day, all locations together.
DEMAND_HISTORY = """
SELECT date_local, SUM(units_sold) AS units_sold, SUM(revenue) AS revenue
FROM {ts_demand_daily}
WHERE client_id = @client_id AND item_id = @item_id AND date_local BETWEEN @first AND @last
GROUP BY date_local ORDER BY date_local
"""

# One item's daily forecast, all locations together.
ITEM_FORECAST = (
    f"SELECT date_local, mean, {_DAILY}, engine\n"
    "FROM {forecast_results}\n"
    "WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND item_id = @item_id\n"
    "AND location_id = '*' ORDER BY date_local"
)

# The same of one item as a whole ('*') or at one location, in any run, with its history and its totals over windows.
SERIES_FORECAST = (
    f"SELECT date_local, mean, {_DAILY}, engine\n"
    "FROM {forecast_results}\n"
    "WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND item_id = @item_id\n"
    "AND location_id = @location_id ORDER BY date_local"
)
SERIES_TOTALS = (
    f"SELECT window_days, mean, {_WINDOW}\n"
    "FROM {lead_time_demand}\n"
    "WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND item_id = @item_id\n"
    "AND location_id = @location_id ORDER BY window_days"
)
SERIES_HISTORY = """
SELECT date_local, SUM(units_sold) AS units_sold, SUM(revenue) AS revenue
FROM {ts_demand_daily}
WHERE client_id = @client_id AND item_id = @item_id AND date_local BETWEEN @first AND @last
  AND (@location_id = '*' OR location_id = @location_id)
GROUP BY date_local ORDER BY date_local
"""

# How good a run has turned out to be, by how many days ahead a day was, over all items.
RUN_ACCURACY = """
SELECT lag, SUM(days) AS forecasts, SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS wape,
  SAFE_DIVIDE(SUM(error), SUM(actual)) AS bias, SAFE_DIVIDE(SUM(quantile_loss), SUM(actual)) AS wql
FROM {forecast_accuracy}
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
GROUP BY lag ORDER BY lag
"""

# Each series' forecast: expected demand by day, as one array from the first day of the forecast on, and the
# distribution of total demand: the window lengths, and their quantiles one window after the other.
FORECAST_CURVES = """
WITH daily AS (
  SELECT item_id, location_id, MIN(date_local) AS forecast_start, ARRAY_AGG(mean ORDER BY date_local) AS daily
  FROM {forecast_results}
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  GROUP BY item_id, location_id
),
totals AS (
  SELECT item_id, location_id, ARRAY_AGG(window_days ORDER BY window_days) AS window_days,
    ARRAY_CONCAT_AGG([<quantiles>] ORDER BY window_days) AS window_quantiles
  FROM {lead_time_demand}
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  GROUP BY item_id, location_id
)
SELECT item_id, location_id, forecast_start, daily, window_days, window_quantiles
FROM daily JOIN totals USING (item_id, location_id)
""".replace("<quantiles>", _WINDOW)

# What is known of each series' past without a forecast: first record, last sale, and moments of the last 28 days on
# which it could be sold. A day with no stock and no sale says nothing about demand and is left out; a day without a row
# is a day without a sale. The window reaches back 28 days and as many more as were left out.
PAST_DEMAND = """
WITH days AS (
  SELECT item_id, location_id, date_local, units_sold, (stock_on_date = 0 AND units_sold = 0) AS stockout
  FROM {ts_demand_daily}
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
),
series AS (
  SELECT item_id, location_id, date_local, SUM(units_sold) AS units, LOGICAL_AND(IFNULL(stockout, FALSE)) AS stockout
  FROM days GROUP BY item_id, location_id, date_local
  UNION ALL
  SELECT item_id, '*', date_local, SUM(units_sold), LOGICAL_AND(IFNULL(stockout, FALSE))
  FROM days GROUP BY item_id, date_local
),
counted AS (
  SELECT *, SUM(IF(stockout, 1, 0)) OVER (
    PARTITION BY item_id, location_id ORDER BY date_local DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS stockouts_since
  FROM series
)
SELECT
  item_id, location_id,
  MIN(date_local) AS first_record,
  MAX(IF(units > 0, date_local, NULL)) AS last_sale,
  SUM(IF(in_window, units, 0)) AS recent_units,
  SUM(IF(in_window, units * units, 0)) AS recent_squares,
  LEAST(28, DATE_DIFF(@last, MIN(date_local), DAY) + 1 - COUNTIF(stockout)) AS recent_days
FROM (SELECT *, NOT stockout AND DATE_DIFF(@last, date_local, DAY) < 28 + stockouts_since AS in_window FROM counted)
GROUP BY item_id, location_id
"""

# Each item's classes.
CLASSES = """
SELECT item_id, abc, xyz, demand_pattern, lifecycle
FROM {sku_classifications}
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
"""

# What some items sold together, day by day, all locations together.
SALES_OF_ITEMS = """
SELECT date_local, SUM(units_sold) AS units, SUM(revenue) AS revenue
FROM {ts_demand_daily}
WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
GROUP BY date_local ORDER BY date_local
"""

# What a forecast run expects some items to sell from the first to the last day, each, and of it until the end of a
# campaign; with the number of days that it covers.
EXPECTED_OF_ITEMS = """
SELECT item_id, SUM(mean) AS units, COUNT(*) AS days,
  SUM(IF(date_local <= @end_date, mean, 0)) AS units_until_end
FROM {forecast_results}
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
  AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
GROUP BY item_id
"""

# What some items sell together on a weekday (1: Sunday), as the mean of each one over @weeks whole weeks: a day without
# a row is one without a sale, one with no stock and no sale is left out. And how many of the items are known at all.
SAME_WEEKDAYS = """
WITH days AS (
  SELECT item_id, date_local, SUM(units_sold) AS units,
    LOGICAL_AND(IFNULL(stock_on_date = 0 AND units_sold = 0, FALSE)) AS stockout
  FROM {ts_demand_daily}
  WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
  GROUP BY item_id, date_local
),
means AS (
  SELECT item_id, EXTRACT(DAYOFWEEK FROM date_local) AS weekday,
    CAST(SUM(units) AS FLOAT64) / NULLIF(@weeks - COUNTIF(stockout), 0) AS units
  FROM days GROUP BY item_id, weekday
)
SELECT weekday, IFNULL(SUM(units), 0) AS units, (SELECT COUNT(DISTINCT item_id) FROM days) AS known_items
FROM means GROUP BY weekday ORDER BY weekday
"""

# One page of what an import rejected, in the file's order, and how many there are in all.
REJECTS = """
SELECT row_number, `check`, field, reason, record, COUNT(*) OVER () AS total
FROM {etl_rejects}
WHERE client_id = @client_id AND date = @date AND run_id = @run_id
ORDER BY row_number LIMIT @size OFFSET @offset
"""
