-- The daily records of some items, at every location.
-- The range from @low to @high lets BigQuery skip the blocks of the clustered table in which none of the items are.
-- Parameters: client_id STRING, first DATE, last DATE, low STRING, high STRING, items ARRAY<STRING>
SELECT item_id, location_id, date_local,
  CAST(units_sold AS FLOAT64) AS units_sold, CAST(stock_on_date AS FLOAT64) AS stock_on_date
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
  AND item_id BETWEEN @low AND @high AND item_id IN UNNEST(@items)
