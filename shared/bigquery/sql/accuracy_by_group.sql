-- One page of a client's accuracy by group, the group that sold most first: runs from @first to @last, lags from
-- @first_lag to @last_lag, items from @first_item to @last_item, at @location_id ('*': items as a whole).
-- @group_by: all, item, demand_pattern, engine, lag or recency; by category: accuracy_by_category.
-- A row a group and window of its totals. Each has `total` groups, and `as_of`: the last day that any of them was scored
-- on. A page behind the last one is a row whose group is null.
-- Parameters: client_id STRING, group_by STRING, first DATE, last DATE, first_lag INT64, last_lag INT64,
--   first_item STRING, last_item STRING, location_id STRING, size INT64, offset INT64
WITH grouped AS (
  SELECT
    CASE @group_by
      WHEN 'all' THEN 'all'
      WHEN 'item' THEN item_id
      WHEN 'demand_pattern' THEN demand_pattern
      WHEN 'engine' THEN engine
      WHEN 'lag' THEN CAST(lag AS STRING)
      WHEN 'recency' THEN
        CASE
          WHEN days_since_sale <= 30 THEN '0-30 days'
          WHEN days_since_sale <= 90 THEN '31-90 days'
          WHEN days_since_sale <= 180 THEN '91-180 days'
          WHEN days_since_sale > 180 THEN 'over 180 days'
        END
    END AS group_key,
    MAX(DATE_ADD(run_date, INTERVAL lag - 1 DAY)) AS scored_until,
    COUNT(*) AS forecasts,
    SUM(days) AS days,
    SUM(actual) AS actual,
    SUM(actual) + SUM(error) AS forecast,
    SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS wape,
    SAFE_DIVIDE(SUM(error), SUM(actual)) AS bias,
    SAFE_DIVIDE(SUM(percentage_error), SUM(nonzero_days)) AS mape,
    SQRT(SAFE_DIVIDE(SUM(squared_error), SUM(days))) AS rmse,
    SAFE_DIVIDE(SUM(scaled_error), SUM(scaled_days)) AS mase,
    SAFE_DIVIDE(SUM(quantile_loss), SUM(actual)) AS wql,
    SAFE_DIVIDE(SUM(covered_q50), SUM(days)) AS covered_q50,
    SAFE_DIVIDE(SUM(covered_q80), SUM(days)) AS covered_q80,
    SAFE_DIVIDE(SUM(covered_q90), SUM(days)) AS covered_q90,
    SAFE_DIVIDE(SUM(covered_q95), SUM(days)) AS covered_q95,
    SAFE_DIVIDE(SUM(naive_absolute_error), SUM(naive_actual)) AS naive_wape,
    SAFE_DIVIDE(SUM(naive_absolute_error) - SUM(paired_absolute_error), SUM(naive_actual)) AS fva
  FROM inventory.forecast_accuracy
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND lag BETWEEN @first_lag AND @last_lag AND item_id BETWEEN @first_item AND @last_item
  GROUP BY group_key
),
totals AS (
  SELECT
    CASE @group_by
      WHEN 'all' THEN 'all'
      WHEN 'item' THEN item_id
      WHEN 'demand_pattern' THEN demand_pattern
      WHEN 'engine' THEN engine
      WHEN 'recency' THEN
        CASE
          WHEN days_since_sale <= 30 THEN '0-30 days'
          WHEN days_since_sale <= 90 THEN '31-90 days'
          WHEN days_since_sale <= 180 THEN '91-180 days'
          WHEN days_since_sale > 180 THEN 'over 180 days'
        END
    END AS group_key,
    window_days,
    SUM(windows) AS windows,
    SUM(actual) AS window_units,
    SUM(forecast) AS window_forecast,
    SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS window_wape,
    SAFE_DIVIDE(SUM(covered_q80), SUM(windows)) AS window_covered_q80,
    SAFE_DIVIDE(SUM(covered_q90), SUM(windows)) AS window_covered_q90,
    SAFE_DIVIDE(SUM(covered_q95), SUM(windows)) AS window_covered_q95,
    SAFE_DIVIDE(SUM(covered_q98), SUM(windows)) AS window_covered_q98
  FROM inventory.total_accuracy
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND item_id BETWEEN @first_item AND @last_item AND @group_by <> 'lag'
  GROUP BY group_key, window_days
),
page AS (SELECT * FROM grouped ORDER BY actual DESC, group_key LIMIT @size OFFSET @offset)
SELECT all_groups.total, all_groups.as_of, page.* EXCEPT (scored_until), totals.* EXCEPT (group_key)
FROM (SELECT COUNT(*) AS total, MAX(scored_until) AS as_of FROM grouped) AS all_groups
LEFT JOIN page ON TRUE
LEFT JOIN totals ON IFNULL(totals.group_key, '') = IFNULL(page.group_key, '')
ORDER BY page.actual DESC, page.group_key, totals.window_days
