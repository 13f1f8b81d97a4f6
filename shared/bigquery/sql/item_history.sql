-- One item's sales by day: at @location_id, or with '*' at all locations together.
-- Parameters: client_id STRING, item_id STRING, location_id STRING, first DATE, last DATE
SELECT date_local, SUM(units_sold) AS units_sold, SUM(revenue) AS revenue,
  LOGICAL_OR(promotion_flag) AS promotion_flag, LOGICAL_OR(holiday_flag) AS holiday_flag,
  SUM(marketing_spend) AS marketing_spend, SUM(stock_on_date) AS stock_on_date
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND item_id = @item_id AND date_local BETWEEN @first AND @last
  AND (@location_id = '*' OR location_id = @location_id)
GROUP BY date_local
ORDER BY date_local
