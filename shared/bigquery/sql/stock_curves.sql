-- What stock for the next 28 days would have cost and sold, by how much was held on top of what was forecast: of the
-- forecasts in question, and of the naive ones of the same windows. Stock of a series = its forecast + factor x what
-- 28 days vary by, never below 0. Runs from @first to @last, items from @first_item to @last_item, at @location_id.
-- A row a factor; one without a factor where no window has a cost and a naive forecast, which only counts windows.
-- Factors are from -3.8 to 50, closer to each other near 0. Definitions: total_accuracy_queries.py.
-- Parameters: client_id STRING, first DATE, last DATE, first_item STRING, last_item STRING, location_id STRING
WITH scored AS (
  SELECT run_id, actual, forecast, naive, CAST(unit_cost AS FLOAT64) AS unit_cost,
    IFNULL(scale, 0) * SQRT(window_days) AS spread
  FROM inventory.total_accuracy
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND item_id BETWEEN @first_item AND @last_item AND window_days = 28 AND windows = 1
),
counts AS (
  SELECT COUNT(*) AS known_windows, COUNT(unit_cost) AS windows_with_cost,
    COUNTIF(unit_cost IS NOT NULL AND naive IS NOT NULL) AS windows,
    COUNT(DISTINCT IF(unit_cost IS NOT NULL AND naive IS NOT NULL, run_id, NULL)) AS runs
  FROM scored
),
curves AS (
  SELECT
    factor,
    SUM(actual) AS units,
    SUM(LEAST(GREATEST(forecast + factor * spread, 0), actual)) AS filled,
    SUM(GREATEST(forecast + factor * spread, 0) * unit_cost) AS stock_value,
    SUM(LEAST(GREATEST(naive + factor * spread, 0), actual)) AS naive_filled,
    SUM(GREATEST(naive + factor * spread, 0) * unit_cost) AS naive_stock_value
  FROM scored
    CROSS JOIN (SELECT step * ABS(step) / 32 AS factor FROM UNNEST(GENERATE_ARRAY(-11, 40)) AS step)
  WHERE unit_cost IS NOT NULL AND naive IS NOT NULL
  GROUP BY factor
)
SELECT counts.*, curves.* FROM counts LEFT JOIN curves ON TRUE ORDER BY factor
