-- Each item's classes in a run.
-- Parameters: client_id STRING, run_date DATE, run_id STRING
SELECT item_id, abc, xyz, demand_pattern
FROM inventory.sku_classifications
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id
