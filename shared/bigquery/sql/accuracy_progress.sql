-- The last day of demand, and the last day that forecasts were scored on; null where there is none.
-- Parameters: client_id STRING, first DATE, last DATE, first_run DATE
SELECT
  (
    SELECT MAX(date_local)
    FROM inventory.ts_demand_daily
    WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
  ) AS known_until,
  (
    SELECT MAX(DATE_ADD(run_date, INTERVAL lag - 1 DAY))
    FROM inventory.forecast_accuracy
    WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last
  ) AS scored_until
