-- What stock for the next 28 days would have cost and sold, by how much was held on top of what was forecast: of the
-- forecasts in question, and of the naive ones of the same windows. Stock of a series = its forecast + factor x what
-- 28 days vary by, never below 0. Runs from @first to @last, items from @first_item to @last_item, at @location_id.
-- A row a factor, none where no window is over. Definitions: total_accuracy_queries.py.
-- Parameters: client_id STRING, first DATE, last DATE, first_item STRING, last_item STRING, location_id STRING
WITH scored AS (
  SELECT run_id, actual, forecast, naive, unit_cost IS NOT NULL AS has_cost, naive IS NOT NULL AS has_naive,
    CAST(unit_cost AS FLOAT64) AS unit_cost, IFNULL(scale, 0) * SQRT(window_days) AS spread
  FROM inventory.total_accuracy
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND item_id BETWEEN @first_item AND @last_item AND window_days = 28 AND windows = 1
),
stocks AS (
  SELECT run_id, actual, unit_cost, has_cost, has_naive, quarters / 4 AS factor,
    GREATEST(forecast + quarters / 4 * spread, 0) AS stock,
    GREATEST(naive + quarters / 4 * spread, 0) AS naive_stock
  FROM scored CROSS JOIN UNNEST(GENERATE_ARRAY(-16, 48)) AS quarters
)
SELECT
  factor,
  COUNT(DISTINCT IF(has_cost AND has_naive, run_id, NULL)) AS runs,
  COUNTIF(has_cost) AS windows_with_cost,
  COUNTIF(has_cost AND has_naive) AS windows,
  SUM(IF(has_cost AND has_naive, actual, 0)) AS units,
  SUM(IF(has_cost AND has_naive, LEAST(stock, actual), 0)) AS filled,
  SUM(IF(has_cost AND has_naive, stock * unit_cost, 0)) AS stock_value,
  SUM(IF(has_cost AND has_naive, LEAST(naive_stock, actual), 0)) AS naive_filled,
  SUM(IF(has_cost AND has_naive, naive_stock * unit_cost, 0)) AS naive_stock_value
FROM stocks
GROUP BY factor
ORDER BY factor
