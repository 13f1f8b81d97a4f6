-- A location's stock, or with '*' all of it, on each day of which there are metrics. With @weekly the last such day of
-- each week (Monday to Sunday): stock is a level and does not add up over days.
-- Parameters: client_id STRING, first DATE, last DATE, location_id STRING, weekly BOOL
WITH days AS (
  SELECT date, COUNT(*) AS items, SUM(inventory_value) AS inventory_value, SUM(current_stock) AS units,
    SUM(on_order) AS on_order,
    COUNTIF(status = 'dead_stock') AS dead_stock,
    COUNTIF(status = 'understocked') AS understocked,
    COUNTIF(status = 'overstocked') AS overstocked,
    COUNTIF(status = 'normal') AS normal,
    SUM(IF(status = 'dead_stock', inventory_value, 0)) AS dead_stock_value,
    SUM(IF(status = 'understocked', inventory_value, 0)) AS understocked_value,
    SUM(IF(status = 'overstocked', inventory_value, 0)) AS overstocked_value,
    SUM(IF(status = 'normal', inventory_value, 0)) AS normal_value,
    SAFE_DIVIDE(
      SUM(IF(status = 'dead_stock', 0, CAST(inventory_value AS FLOAT64))),
      SUM(IF(status = 'dead_stock', 0, expected_daily_demand * CAST(unit_cost AS FLOAT64)))
    ) AS average_dir,
    IF(COUNT(sales_at_risk) = COUNT(*), SUM(sales_at_risk), NULL) AS sales_at_risk,
    IF(COUNT(excess_value) = COUNT(*), SUM(excess_value), NULL) AS excess_value
  FROM inventory.inventory_metrics
  WHERE client_id = @client_id AND date BETWEEN @first AND @last AND location_id = @location_id
  GROUP BY date
),
ranked AS (
  SELECT *,
    ROW_NUMBER() OVER (PARTITION BY IF(@weekly, DATE_TRUNC(date, WEEK(MONDAY)), date) ORDER BY date DESC) AS place
  FROM days
)
SELECT * EXCEPT (place)
FROM ranked
WHERE place = 1
ORDER BY date
