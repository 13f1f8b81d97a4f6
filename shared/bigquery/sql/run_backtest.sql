-- How good a run's backtest was: over all its items (`over_all`, with `items` 0 where it has none), and over those of
-- each recency group, null for items that had never sold.
-- Parameters: client_id STRING, run_date DATE, run_id STRING
WITH tested AS (
  SELECT *,
    CASE
      WHEN days_since_sale <= 30 THEN '0-30 days'
      WHEN days_since_sale <= 90 THEN '31-90 days'
      WHEN days_since_sale <= 180 THEN '91-180 days'
      WHEN days_since_sale > 180 THEN 'over 180 days'
    END AS recency
  FROM inventory.forecast_backtest
  WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id AND location_id = '*'
)
SELECT
  GROUPING(recency) = 1 AS over_all,
  recency,
  COUNT(DISTINCT item_id) AS items,
  MIN(origin_date) AS origin_date,
  MAX(date_local) AS last_date,
  COUNT(units_sold) AS days,
  SUM(units_sold) AS units,
  SUM(IF(units_sold IS NULL, NULL, mean)) AS forecast_units,
  SAFE_DIVIDE(SUM(ABS(mean - units_sold)), SUM(units_sold)) AS wape,
  SAFE_DIVIDE(SUM(mean - units_sold), SUM(units_sold)) AS bias,
  SAFE_DIVIDE(
    SUM(
      2 * (
        GREATEST((units_sold - q05) * 0.05, (q05 - units_sold) * 0.95)
        + GREATEST((units_sold - q10) * 0.1, (q10 - units_sold) * 0.9)
        + GREATEST((units_sold - q20) * 0.2, (q20 - units_sold) * 0.8)
        + GREATEST((units_sold - q30) * 0.3, (q30 - units_sold) * 0.7)
        + GREATEST((units_sold - q40) * 0.4, (q40 - units_sold) * 0.6)
        + GREATEST((units_sold - q50) * 0.5, (q50 - units_sold) * 0.5)
        + GREATEST((units_sold - q60) * 0.6, (q60 - units_sold) * 0.4)
        + GREATEST((units_sold - q70) * 0.7, (q70 - units_sold) * 0.3)
        + GREATEST((units_sold - q80) * 0.8, (q80 - units_sold) * 0.2)
        + GREATEST((units_sold - q90) * 0.9, (q90 - units_sold) * 0.1)
        + GREATEST((units_sold - q95) * 0.95, (q95 - units_sold) * 0.05)
      ) / 11
    ),
    SUM(units_sold)
  ) AS wql,
  SAFE_DIVIDE(COUNTIF(units_sold <= q50), COUNT(units_sold)) AS covered_q50,
  SAFE_DIVIDE(COUNTIF(units_sold <= q80), COUNT(units_sold)) AS covered_q80,
  SAFE_DIVIDE(COUNTIF(units_sold <= q90), COUNT(units_sold)) AS covered_q90,
  SAFE_DIVIDE(COUNTIF(units_sold <= q95), COUNT(units_sold)) AS covered_q95,
  -- With the naive forecast only days are compared on which both are known.
  SAFE_DIVIDE(SUM(ABS(naive - units_sold)), SUM(IF(naive IS NULL, NULL, units_sold))) AS naive_wape,
  SAFE_DIVIDE(
    SUM(ABS(naive - units_sold)) - SUM(IF(naive IS NULL, NULL, ABS(mean - units_sold))),
    SUM(IF(naive IS NULL, NULL, units_sold))
  ) AS fva
FROM tested
GROUP BY GROUPING SETS ((), (recency))
ORDER BY over_all DESC, recency
