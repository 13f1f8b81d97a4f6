-- Sales of some items together by day, all locations together.
-- Parameters: client_id STRING, item_ids ARRAY<STRING>, first DATE, last DATE
SELECT date_local, SUM(units_sold) AS units, SUM(revenue) AS revenue
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
GROUP BY date_local
ORDER BY date_local
