-- Every item with a record from @first to @last, by item_id: its revenue since @revenue_first, first and last sale
-- (null: never), number of locations, and a digest of all that a panel from @first on shows of it.
-- Parameters: client_id STRING, revenue_first DATE, first DATE, last DATE
SELECT item_id,
  CAST(SUM(IF(date_local >= @revenue_first, IFNULL(revenue, 0), 0)) AS FLOAT64) AS revenue,
  MIN(IF(units_sold > 0, date_local, NULL)) AS first_sale,
  MAX(IF(units_sold > 0, date_local, NULL)) AS last_sale,
  COUNT(DISTINCT location_id) AS locations,
  TO_HEX(MD5(STRING_AGG(IF(date_local < @first, NULL, CONCAT(CAST(date_local AS STRING),
    IF(stock_on_date <= 0, '-', ' '), CAST(units_sold AS STRING), ' ', location_id)), ' '
    ORDER BY location_id, date_local))) AS records
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local <= @last
GROUP BY item_id
HAVING MAX(date_local) >= @first
ORDER BY item_id
