-- The metrics of the last day that has any from @four_weeks_first to @four_weeks_last, and of the last one from
-- @week_first to @week_last: of every item as a whole ('*') and at each location, without an order.
-- Parameters: client_id STRING, four_weeks_first DATE, four_weeks_last DATE, week_first DATE, week_last DATE
WITH days AS (
  SELECT MAX(date) AS date
  FROM inventory.inventory_metrics
  WHERE client_id = @client_id AND date BETWEEN @four_weeks_first AND @week_last
    AND (date <= @four_weeks_last OR date >= @week_first)
  GROUP BY date >= @week_first
)
SELECT date, location_id, current_stock, unit_cost, inventory_value, status, expected_daily_demand, dir, sales_at_risk,
  excess_value
FROM inventory.inventory_metrics
WHERE client_id = @client_id AND date BETWEEN @four_weeks_first AND @week_last
  AND (date <= @four_weeks_last OR date >= @week_first) AND date IN (SELECT date FROM days)
