-- The first day of demand before @first; null where there is none.
-- Parameters: client_id STRING, first DATE
SELECT MIN(date_local) AS first_day
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local < @first
