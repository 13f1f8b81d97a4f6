-- One item's daily forecast in a run: at @location_id, or with '*' of all locations together.
-- Parameters: client_id STRING, run_date DATE, run_id STRING, item_id STRING, location_id STRING
SELECT date_local, mean, q05, q10, q20, q30, q40, q50, q60, q70, q80, q90, q95, engine
FROM inventory.forecast_results
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  AND item_id = @item_id AND location_id = @location_id
ORDER BY date_local
