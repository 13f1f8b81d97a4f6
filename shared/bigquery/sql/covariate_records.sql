-- What is recorded beside the demand of some items, at every location; @low and @high as in demand_records.
-- Parameters: client_id STRING, first DATE, last DATE, low STRING, high STRING, items ARRAY<STRING>
SELECT item_id, location_id, date_local, promotion_flag, holiday_flag,
  CAST(marketing_spend AS FLOAT64) AS marketing_spend, CAST(revenue AS FLOAT64) AS revenue,
  CAST(units_sold AS FLOAT64) AS units_sold
FROM inventory.ts_demand_daily
WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
  AND item_id BETWEEN @low AND @high AND item_id IN UNNEST(@items)
