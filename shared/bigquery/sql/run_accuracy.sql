-- How good a run has turned out to be over all items, by how many days ahead a day was.
-- Parameters: client_id STRING, run_date DATE, run_id STRING
SELECT lag, SUM(days) AS forecasts, SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS wape,
  SAFE_DIVIDE(SUM(error), SUM(actual)) AS bias, SAFE_DIVIDE(SUM(quantile_loss), SUM(actual)) AS wql
FROM inventory.forecast_accuracy
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
GROUP BY lag
ORDER BY lag
