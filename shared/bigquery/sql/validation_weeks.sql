-- Sales of whole weeks, the last of which ends on @last; `week` counts back from it, from 0.
-- Parameters: client_id STRING, first DATE, last DATE
WITH sales AS (
  SELECT item_id, date_local, units_sold, stock_on_date, DIV(DATE_DIFF(@last, date_local, DAY), 7) AS week
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
)
SELECT week, CAST(SUM(units_sold) AS FLOAT64) AS units, COUNTIF(units_sold > 0) AS sales,
  COUNT(DISTINCT IF(units_sold > 0, item_id, NULL)) AS items,
  MAX(IF(units_sold > 0, date_local, NULL)) AS last_sale, COUNTIF(stock_on_date IS NOT NULL) AS days_with_stock
FROM sales
GROUP BY week
ORDER BY week
