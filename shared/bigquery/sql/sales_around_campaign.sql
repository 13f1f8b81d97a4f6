-- What each of some items sold before, during and after a campaign and in the weeks before it (the reference), all
-- locations together, and what it usually sells on a weekday: its mean over the @weeks whole weeks of the reference. A day
-- without a row is one without a sale; one with no stock and no sale is left out of the means. `priced_units` are those
-- whose revenue is known. An item without a row from @first to @last is not there.
-- Parameters: client_id STRING, item_ids ARRAY<STRING>, first DATE, last DATE, before_first DATE, before_last DATE,
--   during_first DATE, during_last DATE, after_first DATE, after_last DATE, reference_first DATE, reference_last DATE,
--   weeks INT64
WITH days AS (
  SELECT item_id, date_local, SUM(units_sold) AS units, SUM(revenue) AS revenue,
    SUM(IF(revenue IS NULL, 0, units_sold)) AS priced_units,
    LOGICAL_AND(IFNULL(stock_on_date = 0 AND units_sold = 0, FALSE)) AS stockout
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND item_id IN UNNEST(@item_ids) AND date_local BETWEEN @first AND @last
  GROUP BY item_id, date_local
),
sold AS (
  SELECT item_id,
    SUM(IF(date_local BETWEEN @before_first AND @before_last, units, 0)) AS units_before,
    SUM(IF(date_local BETWEEN @before_first AND @before_last, revenue, NULL)) AS revenue_before,
    SUM(IF(date_local BETWEEN @during_first AND @during_last, units, 0)) AS units_during,
    SUM(IF(date_local BETWEEN @during_first AND @during_last, revenue, NULL)) AS revenue_during,
    SUM(IF(date_local BETWEEN @during_first AND @during_last, priced_units, 0)) AS priced_units_during,
    SUM(IF(date_local BETWEEN @after_first AND @after_last, units, 0)) AS units_after,
    SUM(IF(date_local BETWEEN @after_first AND @after_last, revenue, NULL)) AS revenue_after,
    SUM(IF(date_local BETWEEN @reference_first AND @reference_last, revenue, NULL)) AS revenue_reference,
    SUM(IF(date_local BETWEEN @reference_first AND @reference_last, priced_units, 0)) AS priced_units_reference,
    LOGICAL_OR(date_local BETWEEN @reference_first AND @reference_last) AS is_in_reference
  FROM days
  GROUP BY item_id
),
means AS (
  SELECT item_id, EXTRACT(DAYOFWEEK FROM date_local) AS weekday,
    CAST(SUM(units) AS FLOAT64) / NULLIF(@weeks - COUNTIF(stockout), 0) AS units
  FROM days
  WHERE date_local BETWEEN @reference_first AND @reference_last
  GROUP BY item_id, weekday
),
usual AS (
  SELECT item_id, SUM(IF(weekday = 2, units, 0)) AS monday, SUM(IF(weekday = 3, units, 0)) AS tuesday,
    SUM(IF(weekday = 4, units, 0)) AS wednesday, SUM(IF(weekday = 5, units, 0)) AS thursday,
    SUM(IF(weekday = 6, units, 0)) AS friday, SUM(IF(weekday = 7, units, 0)) AS saturday,
    SUM(IF(weekday = 1, units, 0)) AS sunday
  FROM means
  GROUP BY item_id
)
SELECT item_id, units_before, revenue_before, units_during, revenue_during, priced_units_during, units_after,
  revenue_after, revenue_reference, priced_units_reference, is_in_reference,
  IFNULL(monday, 0) AS monday, IFNULL(tuesday, 0) AS tuesday, IFNULL(wednesday, 0) AS wednesday,
  IFNULL(thursday, 0) AS thursday, IFNULL(friday, 0) AS friday, IFNULL(saturday, 0) AS saturday,
  IFNULL(sunday, 0) AS sunday
FROM sold LEFT JOIN usual USING (item_id)
