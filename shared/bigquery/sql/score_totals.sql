-- Scores what runs said of the total demand of their first 7 and 28 days, for windows that end from @first to @last:
-- one row a series, run and window. The runs' first days have been scored before (score_forecasts): from there is what
-- the series was like. Run again over the same it changes nothing. Definitions: total_accuracy_queries.py.
-- Demand is read from @history on, runs from @first_run on; costs are the last from @costs_from to @costs_until.
-- Parameters: client_id STRING, first DATE, last DATE, first_run DATE, history DATE, costs_from DATE,
--   costs_until DATE, run_ids ARRAY<STRING>
MERGE inventory.total_accuracy T USING (
WITH totals AS (
  SELECT client_id, run_date, run_id, item_id, location_id, window_days, mean, q80, q90, q95, q98,
    DATE_SUB(run_date, INTERVAL 7 DAY) AS week_before,
    DATE_ADD(run_date, INTERVAL window_days DAY) AS until
  FROM inventory.lead_time_demand
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last
    -- Only the partitions of which a window ends within the batch: BigQuery prunes on these, not on a computed day.
    AND (
      run_date BETWEEN DATE_SUB(@first, INTERVAL 6 DAY) AND DATE_SUB(@last, INTERVAL 6 DAY)
      OR run_date BETWEEN DATE_SUB(@first, INTERVAL 27 DAY) AND DATE_SUB(@last, INTERVAL 27 DAY)
    )
    AND run_id IN UNNEST(@run_ids) AND window_days IN (7, 28)
    AND DATE_ADD(run_date, INTERVAL window_days - 1 DAY) BETWEEN @first AND @last
),
series AS (
  SELECT run_id, item_id, location_id, engine, demand_pattern, days_since_sale, scale
  FROM inventory.forecast_accuracy
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last AND run_id IN UNNEST(@run_ids) AND lag = 1
),
costs AS (
  SELECT item_id, MAX_BY(unit_cost, date) AS unit_cost
  FROM inventory.inventory_metrics
  WHERE client_id = @client_id AND date BETWEEN @costs_from AND @costs_until AND location_id = '*'
  GROUP BY item_id
),
records AS (
  SELECT item_id, location_id, date_local, GREATEST(units_sold, 0) AS units, IFNULL(stock_on_date <= 0, FALSE) AS empty
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @history AND @last
),
client AS (SELECT MIN(date_local) AS since FROM records),
days AS (
  SELECT item_id, location_id, date_local, SUM(units) AS units, LOGICAL_AND(empty) AND SUM(units) = 0 AS missing
  FROM records GROUP BY item_id, location_id, date_local
  UNION ALL
  SELECT item_id, '*', date_local, SUM(units), LOGICAL_AND(empty) AND SUM(units) = 0
  FROM records GROUP BY item_id, date_local
),
sold AS (
  SELECT f.run_id, f.item_id, f.location_id, f.window_days,
    SUM(IF(d.date_local >= f.run_date, d.units, 0)) AS units,
    LOGICAL_OR(d.date_local >= f.run_date AND d.missing) AS missing,
    SUM(IF(d.date_local < f.run_date, d.units, 0)) AS week_units,
    LOGICAL_OR(d.date_local < f.run_date AND d.missing) AS week_missing
  FROM totals f JOIN days d ON d.item_id = f.item_id AND d.location_id = f.location_id
    AND d.date_local >= f.week_before AND d.date_local < f.until
  GROUP BY f.run_id, f.item_id, f.location_id, f.window_days
),
compared AS (
  SELECT f.*, series.engine, series.demand_pattern, series.days_since_sale, series.scale,
    NULLIF(costs.unit_cost, 0) AS unit_cost,
    NOT IFNULL(s.missing, FALSE) AS known,
    CAST(IFNULL(s.units, 0) AS FLOAT64) AS actual,
    IF(
      f.week_before < client.since OR IFNULL(s.week_missing, FALSE),
      NULL,
      CAST(IFNULL(s.week_units, 0) * DIV(f.window_days, 7) AS FLOAT64)
    ) AS naive
  FROM totals f CROSS JOIN client
  JOIN series ON series.run_id = f.run_id AND series.item_id = f.item_id AND series.location_id = f.location_id
  LEFT JOIN costs ON costs.item_id = f.item_id
  LEFT JOIN sold s ON s.run_id = f.run_id AND s.item_id = f.item_id AND s.location_id = f.location_id
    AND s.window_days = f.window_days
)
SELECT client_id, run_date, run_id, item_id, location_id, window_days, engine, demand_pattern, days_since_sale,
  IF(known, 1, 0) AS windows,
  IF(known, actual, 0) AS actual,
  IF(known, mean, 0) AS forecast,
  IF(known, ABS(mean - actual), 0) AS absolute_error,
  IF(known AND actual <= q80, 1, 0) AS covered_q80,
  IF(known AND actual <= q90, 1, 0) AS covered_q90,
  IF(known AND actual <= q95, 1, 0) AS covered_q95,
  IF(known AND actual <= q98, 1, 0) AS covered_q98,
  naive, scale, unit_cost
FROM compared
) S
ON T.client_id = @client_id AND T.run_date BETWEEN @first_run AND @last
  AND T.run_id = S.run_id AND T.item_id = S.item_id AND T.location_id = S.location_id
  AND T.window_days = S.window_days
WHEN MATCHED AND (
  T.engine IS DISTINCT FROM S.engine
  OR T.demand_pattern IS DISTINCT FROM S.demand_pattern
  OR T.days_since_sale IS DISTINCT FROM S.days_since_sale
  OR T.windows IS DISTINCT FROM S.windows
  OR T.actual IS DISTINCT FROM S.actual
  OR T.forecast IS DISTINCT FROM S.forecast
  OR T.absolute_error IS DISTINCT FROM S.absolute_error
  OR T.covered_q80 IS DISTINCT FROM S.covered_q80
  OR T.covered_q90 IS DISTINCT FROM S.covered_q90
  OR T.covered_q95 IS DISTINCT FROM S.covered_q95
  OR T.covered_q98 IS DISTINCT FROM S.covered_q98
  OR T.naive IS DISTINCT FROM S.naive
  OR T.scale IS DISTINCT FROM S.scale
  OR T.unit_cost IS DISTINCT FROM S.unit_cost
) THEN
  UPDATE SET
    engine = S.engine,
    demand_pattern = S.demand_pattern,
    days_since_sale = S.days_since_sale,
    windows = S.windows,
    actual = S.actual,
    forecast = S.forecast,
    absolute_error = S.absolute_error,
    covered_q80 = S.covered_q80,
    covered_q90 = S.covered_q90,
    covered_q95 = S.covered_q95,
    covered_q98 = S.covered_q98,
    naive = S.naive,
    scale = S.scale,
    unit_cost = S.unit_cost
WHEN NOT MATCHED THEN
  INSERT (
    client_id, run_date, run_id, item_id, location_id, window_days, engine, demand_pattern, days_since_sale, windows,
    actual, forecast, absolute_error, covered_q80, covered_q90, covered_q95, covered_q98, naive, scale, unit_cost
  )
  VALUES (
    S.client_id, S.run_date, S.run_id, S.item_id, S.location_id, S.window_days, S.engine, S.demand_pattern,
    S.days_since_sale, S.windows, S.actual, S.forecast, S.absolute_error, S.covered_q80, S.covered_q90, S.covered_q95,
    S.covered_q98, S.naive, S.scale, S.unit_cost
  )
