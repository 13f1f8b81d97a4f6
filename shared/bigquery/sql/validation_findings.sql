-- What is odd about the sales of a client, a row a finding: how often, and some examples, the weightiest first.
-- Days are those up to @last, yesterday; @recent begins the last week, @earlier the eight weeks before it.
-- Records dated after it are looked for up to @horizon.
-- Parameters: client_id STRING, first DATE, earlier DATE, recent DATE, last DATE, horizon DATE,
--   items ARRAY<STRING>, locations ARRAY<STRING>
WITH sales AS (
  SELECT item_id, location_id, date_local, units_sold, revenue, stock_on_date
  FROM inventory.ts_demand_daily
  WHERE client_id = @client_id AND date_local BETWEEN @first AND @horizon
),
items AS (
  SELECT item_id, SUM(units_sold) AS units, MIN(IF(units_sold > 0, date_local, NULL)) AS first_sale,
    COUNT(DISTINCT IF(units_sold > 0 AND date_local >= @earlier AND date_local < @recent,
      DIV(DATE_DIFF(date_local, @earlier, DAY), 7), NULL)) AS weeks_sold,
    IFNULL(SUM(IF(date_local BETWEEN @recent AND @last, units_sold, 0)), 0) AS recent_units,
    IFNULL(SUM(IF(date_local >= @earlier AND date_local < @recent, units_sold, 0)), 0) AS earlier_units
  FROM sales GROUP BY item_id
),
days AS (
  SELECT date_local, SUM(units_sold) AS units FROM sales
  WHERE date_local BETWEEN DATE_SUB(@last, INTERVAL 90 DAY) AND @last GROUP BY date_local
),
stretches AS (
  SELECT DATE_ADD(LAG(date_local) OVER (ORDER BY date_local), INTERVAL 1 DAY) AS gap_first,
    DATE_SUB(date_local, INTERVAL 1 DAY) AS gap_last
  FROM days WHERE units > 0
),
spellings AS (
  SELECT LOWER(TRIM(item_id)) AS spelling, COUNT(*) AS forms, MIN(item_id) AS one_form, MAX(item_id) AS another,
    SUM(units) AS units
  FROM items GROUP BY spelling
),
findings AS (
  SELECT 'orphan_items' AS code, item_id AS example, CAST(units AS FLOAT64) AS weight
  FROM items WHERE item_id NOT IN UNNEST(@items)
  UNION ALL
  SELECT 'orphan_locations', location_id, CAST(SUM(units_sold) AS FLOAT64)
  FROM sales WHERE location_id NOT IN UNNEST(@locations) GROUP BY location_id
  UNION ALL
  SELECT 'future_records', CONCAT(item_id, ' ', location_id, ' ', CAST(date_local AS STRING)), CAST(units_sold AS FLOAT64)
  FROM sales WHERE date_local > @last
  UNION ALL
  SELECT 'negative_units', CONCAT(item_id, ' ', location_id, ' ', CAST(date_local AS STRING)), CAST(-units_sold AS FLOAT64)
  FROM sales WHERE units_sold < 0
  UNION ALL
  SELECT 'gaps', CONCAT(CAST(gap_first AS STRING), ' to ', CAST(gap_last AS STRING)),
    CAST(DATE_DIFF(gap_last, gap_first, DAY) AS FLOAT64)
  FROM stretches WHERE DATE_DIFF(gap_last, gap_first, DAY) >= 6
  UNION ALL
  SELECT 'spellings', CONCAT(one_form, ' and ', another), CAST(units AS FLOAT64) FROM spellings WHERE forms > 1
  UNION ALL
  SELECT 'short_history', item_id, CAST(units AS FLOAT64)
  FROM items WHERE first_sale > DATE_SUB(@last, INTERVAL 21 DAY)
  UNION ALL
  SELECT 'new_items', item_id, CAST(units AS FLOAT64) FROM items WHERE first_sale BETWEEN @recent AND @last
  UNION ALL
  SELECT 'vanished_items', item_id, CAST(earlier_units AS FLOAT64)
  FROM items WHERE weeks_sold >= 7 AND recent_units = 0
  UNION ALL
  SELECT 'jumps', item_id, CAST(recent_units AS FLOAT64)
  FROM items WHERE weeks_sold >= 7 AND recent_units > 10 * earlier_units / 8
  UNION ALL
  SELECT 'missing_revenue', CONCAT(item_id, ' ', location_id, ' ', CAST(date_local AS STRING)), CAST(units_sold AS FLOAT64)
  FROM sales WHERE units_sold > 0 AND revenue IS NULL AND date_local BETWEEN @earlier AND @last
),
ranked AS (
  SELECT code, example, ROW_NUMBER() OVER (PARTITION BY code ORDER BY weight DESC, example) AS place,
    COUNT(*) OVER (PARTITION BY code) AS findings
  FROM findings
)
SELECT code, findings, example FROM ranked WHERE place <= 5 ORDER BY code, place
