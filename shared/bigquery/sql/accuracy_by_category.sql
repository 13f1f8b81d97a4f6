-- accuracy_by_group by category, which only the catalog knows: @item_ids and @categories give each item's, in pairs, each
-- as one text with a @separator (with arrays of 10,000 the request took four times as long in the emulator). A query of
-- its own, because the join makes the others slower.
-- Parameters: client_id STRING, first DATE, last DATE, first_lag INT64, last_lag INT64, first_item STRING,
--   last_item STRING, location_id STRING, item_ids STRING, categories STRING, separator STRING, size INT64, offset INT64
WITH categories AS (
  SELECT item_id, category
  FROM UNNEST(SPLIT(@item_ids, @separator)) AS item_id WITH OFFSET AS place
  JOIN UNNEST(SPLIT(@categories, @separator)) AS category WITH OFFSET AS category_place ON place = category_place
),
grouped AS (
  SELECT
    category AS group_key,
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
  FROM inventory.forecast_accuracy AS scores LEFT JOIN categories ON categories.item_id = scores.item_id
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND lag BETWEEN @first_lag AND @last_lag AND scores.item_id BETWEEN @first_item AND @last_item
  GROUP BY group_key
),
totals AS (
  SELECT
    category AS group_key,
    window_days,
    SUM(windows) AS windows,
    SUM(actual) AS window_units,
    SUM(forecast) AS window_forecast,
    SAFE_DIVIDE(SUM(absolute_error), SUM(actual)) AS window_wape,
    SAFE_DIVIDE(SUM(covered_q80), SUM(windows)) AS window_covered_q80,
    SAFE_DIVIDE(SUM(covered_q90), SUM(windows)) AS window_covered_q90,
    SAFE_DIVIDE(SUM(covered_q95), SUM(windows)) AS window_covered_q95,
    SAFE_DIVIDE(SUM(covered_q98), SUM(windows)) AS window_covered_q98
  FROM inventory.total_accuracy AS scores LEFT JOIN categories ON categories.item_id = scores.item_id
  WHERE client_id = @client_id AND run_date BETWEEN @first AND @last AND location_id = @location_id
    AND scores.item_id BETWEEN @first_item AND @last_item
  GROUP BY group_key, window_days
),
page AS (SELECT * FROM grouped ORDER BY actual DESC, group_key LIMIT @size OFFSET @offset)
SELECT all_groups.total, all_groups.as_of, page.* EXCEPT (scored_until), totals.* EXCEPT (group_key)
FROM (SELECT COUNT(*) AS total, MAX(scored_until) AS as_of FROM grouped) AS all_groups
LEFT JOIN page ON TRUE
LEFT JOIN totals ON IFNULL(totals.group_key, '') = IFNULL(page.group_key, '')
ORDER BY page.actual DESC, page.group_key, totals.window_days
