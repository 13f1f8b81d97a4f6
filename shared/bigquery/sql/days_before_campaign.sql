-- By day: what some items sold together, and what those of them that were out of stock usually sell on that weekday: each
-- one's mean over the @weeks whole weeks from @first to @last, of which days with no stock and no sale are left out. A day
-- without a sale of any of the items has no row.
-- Parameters: client_id STRING, item_ids ARRAY<STRING>, first DATE, last DATE, weeks INT64
WITH days AS (
  SELECT item_id, date_local, EXTRACT(DAYOFWEEK FROM date_local) AS weekday, SUM(units_sold) AS units,
    LOGICAL_AND(IFNULL(stock_on_date = 0 AND units_sold = 0, FALSE)) AS stockout
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
  GROUP BY item_id, date_local, weekday
),
means AS (
  SELECT item_id, weekday, CAST(SUM(units) AS FLOAT64) / NULLIF(@weeks - COUNTIF(stockout), 0) AS mean
  FROM days
  GROUP BY item_id, weekday
)
SELECT date_local, CAST(SUM(units) AS FLOAT64) AS units, IFNULL(SUM(IF(stockout, mean, 0)), 0) AS missed
FROM days JOIN means USING (item_id, weekday)
GROUP BY date_local
ORDER BY date_local
