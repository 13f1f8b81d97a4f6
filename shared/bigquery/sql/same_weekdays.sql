-- What some items sell together on a weekday (1: Sunday): the sum of each one's mean over @weeks whole weeks. A day
-- without a row is one without a sale; one with no stock and no sale is left out. Beside it, how many of the items have
-- any record.
-- Parameters: client_id STRING, item_ids ARRAY<STRING>, first DATE, last DATE, weeks INT64
WITH days AS (
  SELECT item_id, date_local, SUM(units_sold) AS units,
    LOGICAL_AND(IFNULL(stock_on_date = 0 AND units_sold = 0, FALSE)) AS stockout
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
  GROUP BY item_id, date_local
),
means AS (
  SELECT item_id, EXTRACT(DAYOFWEEK FROM date_local) AS weekday,
    CAST(SUM(units) AS FLOAT64) / NULLIF(@weeks - COUNTIF(stockout), 0) AS units
  FROM days
  GROUP BY item_id, weekday
)
SELECT weekday, IFNULL(SUM(units), 0) AS units, (SELECT COUNT(DISTINCT item_id) FROM days) AS known_items
FROM means
GROUP BY weekday
ORDER BY weekday
