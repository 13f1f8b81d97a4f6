-- Each series' past without a forecast: first record, last sale, and moments of the last 28 days on which it could be
-- sold. A day with no stock and no sale says nothing about demand and is left out; a day without a row is a day without
-- a sale. The window reaches back 28 days and as many more as were left out. Location '*': all of them together.
-- Parameters: client_id STRING, first DATE, last DATE
WITH days AS (
  SELECT item_id, location_id, date_local, units_sold, (stock_on_date = 0 AND units_sold = 0) AS stockout
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
),
series AS (
  SELECT item_id, location_id, date_local, SUM(units_sold) AS units, LOGICAL_AND(IFNULL(stockout, FALSE)) AS stockout
  FROM days
  GROUP BY item_id, location_id, date_local
  UNION ALL
  SELECT item_id, '*', date_local, SUM(units_sold), LOGICAL_AND(IFNULL(stockout, FALSE))
  FROM days
  GROUP BY item_id, date_local
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
