-- Scores the forecasts of some runs on the days from @first to @last: one row a series, run and lag. Run again over the
-- same forecasts and demand it changes nothing. Definitions: accuracy_queries.py.
-- Demand is read from @history on, runs from @first_run on.
-- Parameters: client_id STRING, first DATE, last DATE, first_run DATE, history DATE, run_ids ARRAY<STRING>
MERGE inventory.forecast_accuracy T USING (
WITH forecasts AS (
  SELECT client_id, run_date, run_id, item_id, location_id, date_local, engine, mean,
    q05, q10, q20, q30, q40, q50, q60, q70, q80, q90, q95,
    DATE_DIFF(date_local, run_date, DAY) + 1 AS lag,
    DATE_ADD(run_date, INTERVAL MOD(DATE_DIFF(date_local, run_date, DAY), 7) - 7 DAY) AS naive_date
  FROM inventory.forecast_results
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last
    -- Only the partitions that have a lag's day within the batch: BigQuery prunes on these, not on a computed lag.
    AND (
      run_date BETWEEN @first AND @last
      OR run_date BETWEEN DATE_SUB(@first, INTERVAL 6 DAY) AND DATE_SUB(@last, INTERVAL 6 DAY)
      OR run_date BETWEEN DATE_SUB(@first, INTERVAL 13 DAY) AND DATE_SUB(@last, INTERVAL 13 DAY)
      OR run_date BETWEEN DATE_SUB(@first, INTERVAL 27 DAY) AND DATE_SUB(@last, INTERVAL 27 DAY)
    )
    AND run_id IN UNNEST(@run_ids) AND date_local BETWEEN @first AND @last
    AND DATE_DIFF(date_local, run_date, DAY) + 1 IN (1, 7, 14, 28)
),
patterns AS (
  SELECT run_id, item_id, demand_pattern, last_sale FROM inventory.sku_classifications
  WHERE client_id = @client_id AND run_date BETWEEN @first_run AND @last AND run_id IN UNNEST(@run_ids)
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
steps AS (
  SELECT item_id, location_id, date_local, ABS(SUM(units)) AS step, LOGICAL_OR(missing) AS missing
  FROM (
    SELECT item_id, location_id, date_local, units, missing FROM days
    UNION ALL
    SELECT item_id, location_id, DATE_ADD(date_local, INTERVAL 7 DAY), -units, missing FROM days
  )
  GROUP BY item_id, location_id, date_local
),
runs AS (
  SELECT run_date, GREATEST(DATE_SUB(run_date, INTERVAL 84 DAY), DATE_ADD(since, INTERVAL 7 DAY)) AS first_step
  FROM (SELECT DISTINCT run_date FROM forecasts) CROSS JOIN client
),
scales AS (
  SELECT run_date, item_id, location_id,
    CAST(SUM(IF(missing, 0, step)) AS FLOAT64)
      / NULLIF(DATE_DIFF(run_date, MIN(first_step), DAY) - COUNTIF(missing), 0) AS scale
  FROM runs JOIN steps ON date_local >= first_step AND date_local < run_date
  GROUP BY run_date, item_id, location_id
),
compared AS (
  SELECT f.*, p.demand_pattern, DATE_DIFF(f.run_date, p.last_sale, DAY) AS days_since_sale,
    NULLIF(s.scale, 0) AS scale, NOT IFNULL(a.missing, FALSE) AS known,
    CAST(IFNULL(a.units, 0) AS FLOAT64) AS actual,
    IF(f.naive_date < client.since OR IFNULL(n.missing, FALSE), NULL, CAST(IFNULL(n.units, 0) AS FLOAT64)) AS naive
  FROM forecasts f CROSS JOIN client
  LEFT JOIN patterns p ON p.run_id = f.run_id AND p.item_id = f.item_id
  LEFT JOIN scales s ON s.run_date = f.run_date AND s.item_id = f.item_id AND s.location_id = f.location_id
  LEFT JOIN days a ON a.item_id = f.item_id AND a.location_id = f.location_id AND a.date_local = f.date_local
  LEFT JOIN days n ON n.item_id = f.item_id AND n.location_id = f.location_id AND n.date_local = f.naive_date
),
sums AS (
  SELECT client_id, run_date, run_id, item_id, location_id, lag, engine, demand_pattern, days_since_sale, scale,
    IF(known, 1, 0) AS days,
    IF(known, actual, 0) AS actual,
    IF(known, mean - actual, 0) AS error,
    IF(known, ABS(mean - actual), 0) AS absolute_error,
    IF(known, (mean - actual) * (mean - actual), 0) AS squared_error,
    IF(known AND actual > 0, 1, 0) AS nonzero_days,
    IF(known AND actual > 0, IFNULL(SAFE_DIVIDE(ABS(mean - actual), actual), 0), 0) AS percentage_error,
    IF(known AND scale IS NOT NULL, 1, 0) AS scaled_days,
    IF(known, IFNULL(SAFE_DIVIDE(ABS(mean - actual), scale), 0), 0) AS scaled_error,
    IF(
      known,
      2 * (
        GREATEST((actual - q05) * 0.05, (q05 - actual) * 0.95)
        + GREATEST((actual - q10) * 0.1, (q10 - actual) * 0.9)
        + GREATEST((actual - q20) * 0.2, (q20 - actual) * 0.8)
        + GREATEST((actual - q30) * 0.3, (q30 - actual) * 0.7)
        + GREATEST((actual - q40) * 0.4, (q40 - actual) * 0.6)
        + GREATEST((actual - q50) * 0.5, (q50 - actual) * 0.5)
        + GREATEST((actual - q60) * 0.6, (q60 - actual) * 0.4)
        + GREATEST((actual - q70) * 0.7, (q70 - actual) * 0.3)
        + GREATEST((actual - q80) * 0.8, (q80 - actual) * 0.2)
        + GREATEST((actual - q90) * 0.9, (q90 - actual) * 0.1)
        + GREATEST((actual - q95) * 0.95, (q95 - actual) * 0.05)
      ) / 11,
      0
    ) AS quantile_loss,
    IF(known AND actual <= q50, 1, 0) AS covered_q50,
    IF(known AND actual <= q80, 1, 0) AS covered_q80,
    IF(known AND actual <= q90, 1, 0) AS covered_q90,
    IF(known AND actual <= q95, 1, 0) AS covered_q95,
    IF(known AND naive IS NOT NULL, 1, 0) AS naive_days,
    IF(known AND naive IS NOT NULL, actual, 0) AS naive_actual,
    IF(known, IFNULL(ABS(naive - actual), 0), 0) AS naive_absolute_error,
    IF(known AND naive IS NOT NULL, ABS(mean - actual), 0) AS paired_absolute_error
  FROM compared
)
SELECT *,
  SAFE_DIVIDE(absolute_error, actual) AS wape,
  SAFE_DIVIDE(percentage_error, nonzero_days) AS mape,
  SQRT(SAFE_DIVIDE(squared_error, days)) AS rmse,
  SAFE_DIVIDE(scaled_error, scaled_days) AS mase,
  SAFE_DIVIDE(error, actual) AS bias,
  SAFE_DIVIDE(quantile_loss, actual) AS wql,
  SAFE_DIVIDE(naive_absolute_error - paired_absolute_error, naive_actual) AS fva
FROM sums
) S
ON T.client_id = @client_id AND T.run_date BETWEEN @first_run AND @last
  AND T.run_id = S.run_id AND T.item_id = S.item_id AND T.location_id = S.location_id AND T.lag = S.lag
-- The ratios differ where the sums do.
WHEN MATCHED AND (
  T.engine IS DISTINCT FROM S.engine
  OR T.demand_pattern IS DISTINCT FROM S.demand_pattern
  OR T.days_since_sale IS DISTINCT FROM S.days_since_sale
  OR T.days IS DISTINCT FROM S.days
  OR T.actual IS DISTINCT FROM S.actual
  OR T.error IS DISTINCT FROM S.error
  OR T.absolute_error IS DISTINCT FROM S.absolute_error
  OR T.squared_error IS DISTINCT FROM S.squared_error
  OR T.nonzero_days IS DISTINCT FROM S.nonzero_days
  OR T.percentage_error IS DISTINCT FROM S.percentage_error
  OR T.scale IS DISTINCT FROM S.scale
  OR T.scaled_days IS DISTINCT FROM S.scaled_days
  OR T.scaled_error IS DISTINCT FROM S.scaled_error
  OR T.quantile_loss IS DISTINCT FROM S.quantile_loss
  OR T.covered_q50 IS DISTINCT FROM S.covered_q50
  OR T.covered_q80 IS DISTINCT FROM S.covered_q80
  OR T.covered_q90 IS DISTINCT FROM S.covered_q90
  OR T.covered_q95 IS DISTINCT FROM S.covered_q95
  OR T.naive_days IS DISTINCT FROM S.naive_days
  OR T.naive_actual IS DISTINCT FROM S.naive_actual
  OR T.naive_absolute_error IS DISTINCT FROM S.naive_absolute_error
  OR T.paired_absolute_error IS DISTINCT FROM S.paired_absolute_error
) THEN
  UPDATE SET
    wape = S.wape,
    mape = S.mape,
    rmse = S.rmse,
    mase = S.mase,
    bias = S.bias,
    wql = S.wql,
    fva = S.fva,
    engine = S.engine,
    demand_pattern = S.demand_pattern,
    days_since_sale = S.days_since_sale,
    days = S.days,
    actual = S.actual,
    error = S.error,
    absolute_error = S.absolute_error,
    squared_error = S.squared_error,
    nonzero_days = S.nonzero_days,
    percentage_error = S.percentage_error,
    scale = S.scale,
    scaled_days = S.scaled_days,
    scaled_error = S.scaled_error,
    quantile_loss = S.quantile_loss,
    covered_q50 = S.covered_q50,
    covered_q80 = S.covered_q80,
    covered_q90 = S.covered_q90,
    covered_q95 = S.covered_q95,
    naive_days = S.naive_days,
    naive_actual = S.naive_actual,
    naive_absolute_error = S.naive_absolute_error,
    paired_absolute_error = S.paired_absolute_error
WHEN NOT MATCHED THEN
  INSERT (
    client_id, run_date, run_id, item_id, location_id, lag, wape, mape, rmse, mase, bias, wql, fva, engine,
    demand_pattern, days_since_sale, days, actual, error, absolute_error, squared_error, nonzero_days,
    percentage_error, scale, scaled_days, scaled_error, quantile_loss, covered_q50, covered_q80, covered_q90,
    covered_q95, naive_days, naive_actual, naive_absolute_error, paired_absolute_error
  )
  VALUES (
    S.client_id, S.run_date, S.run_id, S.item_id, S.location_id, S.lag, S.wape, S.mape, S.rmse, S.mase, S.bias,
    S.wql, S.fva, S.engine, S.demand_pattern, S.days_since_sale, S.days, S.actual, S.error, S.absolute_error,
    S.squared_error, S.nonzero_days, S.percentage_error, S.scale, S.scaled_days, S.scaled_error, S.quantile_loss,
    S.covered_q50, S.covered_q80, S.covered_q90, S.covered_q95, S.naive_days, S.naive_actual, S.naive_absolute_error,
    S.paired_absolute_error
  )
