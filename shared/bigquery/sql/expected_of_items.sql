-- What a forecast run expects each of some items to sell from @first to @last, how much of it until @end_date, and the
-- number of days that it covers.
-- Parameters: client_id STRING, run_date DATE, run_id STRING, item_ids ARRAY<STRING>, first DATE, last DATE,
--   end_date DATE
SELECT item_id, SUM(mean) AS units, COUNT(*) AS days,
  SUM(IF(date_local <= @end_date, mean, 0)) AS units_until_end
FROM inventory.forecast_results
WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
  AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
GROUP BY item_id
