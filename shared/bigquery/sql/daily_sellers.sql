-- By day, over all items: how many sold, how many woke and how many sold for the last time. An item wakes with its
-- first sale in @awake_days, and sleeps when @awake_days have passed since its last.
-- Parameters: client_id STRING, first DATE, last DATE, awake_days INT64
WITH days AS (
  SELECT item_id, date_local, IFNULL(MAX(units_sold), 0) > 0 AS sold
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
  GROUP BY item_id, date_local
),
sales AS (
  SELECT date_local, sold,
    DATE_DIFF(date_local, LAG(date_local) OVER (PARTITION BY item_id, sold ORDER BY date_local), DAY) AS since,
    DATE_DIFF(LEAD(date_local) OVER (PARTITION BY item_id, sold ORDER BY date_local), date_local, DAY) AS until
  FROM days
)
SELECT date_local, COUNTIF(sold) AS sellers, COUNTIF(sold AND IFNULL(since, @awake_days + 1) > @awake_days) AS woke,
  COUNTIF(sold AND IFNULL(until, @awake_days + 1) > @awake_days) AS last_sales
FROM sales
GROUP BY date_local
