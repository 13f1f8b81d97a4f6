-- The @most items with most days with a sale from @first to @last, and their number of locations.
-- Parameters: client_id STRING, first DATE, last DATE, most INT64
SELECT item_id, COUNT(DISTINCT IF(units_sold > 0, date_local, NULL)) AS days_sold,
  COUNT(DISTINCT location_id) AS locations
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
GROUP BY item_id
ORDER BY days_sold DESC, item_id
LIMIT @most
