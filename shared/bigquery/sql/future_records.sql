-- How many records are dated after @last.
-- Parameters: client_id STRING, last DATE
SELECT COUNT(*) AS records
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local > @last
