-- Each series' past without a forecast: first record, last sale, units of the last 28 days, what a unit brought on the
-- last 90 days with a sale, how many known days there are for each day with a sale, units a known day of the last 52
-- weeks, and moments of the last 28 days on which it could be sold. A day with no stock and no sale says nothing about
-- demand and is left out; a day without a row is a day without a sale. The window reaches back 28 days and as many more
-- as were left out. Location '*': all of them together.
-- Parameters: client_id STRING, first DATE, last DATE
WITH days AS (
  SELECT
    item_id, location_id, date_local, units_sold, revenue, IF(revenue IS NULL, 0, units_sold) AS priced_units,
    (stock_on_date = 0 AND units_sold = 0) AS stockout
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
),
series AS (
  SELECT
    item_id, location_id, date_local, SUM(units_sold) AS units, SUM(revenue) AS revenue,
    SUM(priced_units) AS priced_units, LOGICAL_AND(IFNULL(stockout, FALSE)) AS stockout
  FROM days
  GROUP BY item_id, location_id, date_local
  UNION ALL
  SELECT
    item_id, '*', date_local, SUM(units_sold), SUM(revenue), SUM(priced_units), LOGICAL_AND(IFNULL(stockout, FALSE))
  FROM days
  GROUP BY item_id, date_local
),
counted AS (
  SELECT
    *,
    SUM(IF(stockout, 1, 0)) OVER latest_first AS stockouts_since,
    SUM(IF(priced_units > 0, 1, 0)) OVER latest_first AS sales_since
  FROM series
  WINDOW latest_first AS (
    PARTITION BY item_id, location_id ORDER BY date_local DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
SELECT
  item_id, location_id,
  MIN(date_local) AS first_record,
  MAX(IF(units > 0, date_local, NULL)) AS last_sale,
  SUM(IF(DATE_DIFF(@last, date_local, DAY) < 28, units, 0)) AS units_sold_28d,
  ROUND(SAFE_DIVIDE(SUM(IF(is_price, revenue, 0)), SUM(IF(is_price, priced_units, 0))), 4) AS sale_price,
  SAFE_DIVIDE(
    DATE_DIFF(@last, MIN(date_local), DAY) + 1 - COUNTIF(stockout), COUNTIF(units > 0)
  ) AS days_per_sale,
  SAFE_DIVIDE(
    SUM(IF(in_year, CAST(units AS FLOAT64), 0)),
    LEAST(364, DATE_DIFF(@last, MIN(date_local), DAY) + 1) - COUNTIF(in_year AND stockout)
  ) AS usual_daily_demand,
  SUM(IF(in_window, units, 0)) AS recent_units,
  SUM(IF(in_window, units * units, 0)) AS recent_squares,
  LEAST(28, DATE_DIFF(@last, MIN(date_local), DAY) + 1 - COUNTIF(stockout)) AS recent_days
FROM (
  SELECT
    *,
    NOT stockout AND DATE_DIFF(@last, date_local, DAY) < 28 + stockouts_since AS in_window,
    priced_units > 0 AND sales_since <= 90 AS is_price,
    DATE_DIFF(@last, date_local, DAY) < 364 AS in_year
  FROM counted
)
GROUP BY item_id, location_id
