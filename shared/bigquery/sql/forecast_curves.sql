-- Each series' forecast: expected demand by day, as one array from the first day of the forecast on, and the
-- distribution of total demand: the window lengths, and their quantiles one window after the other.
-- Parameters: client_id STRING, run_date DATE, run_id STRING
WITH daily AS (
  SELECT item_id, location_id, MIN(date_local) AS forecast_start, ARRAY_AGG(mean ORDER BY date_local) AS daily
  FROM inventory.forecast_results
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  GROUP BY item_id, location_id
),
totals AS (
  SELECT item_id, location_id, ARRAY_AGG(window_days ORDER BY window_days) AS window_days,
    ARRAY_CONCAT_AGG(
      [q01, q05, q10, q20, q30, q40, q50, q60, q70, q80, q90, q95, q98, q99]
      ORDER BY window_days
    ) AS window_quantiles
  FROM inventory.lead_time_demand
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  GROUP BY item_id, location_id
)
SELECT item_id, location_id, forecast_start, daily, window_days, window_quantiles
FROM daily JOIN totals USING (item_id, location_id)
