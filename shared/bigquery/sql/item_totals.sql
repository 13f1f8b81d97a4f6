-- The distribution of one item's total demand over each window in a run: at @location_id, or with '*' of all locations
-- together.
-- Parameters: client_id STRING, run_date DATE, run_id STRING, item_id STRING, location_id STRING
SELECT window_days, mean, q01, q05, q10, q20, q30, q40, q50, q60, q70, q80, q90, q95, q98, q99
FROM inventory.lead_time_demand
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
  AND item_id = @item_id AND location_id = @location_id
ORDER BY window_days
