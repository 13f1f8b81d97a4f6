-- Each supplier from @first_supplier to @last_supplier that has anything to report, from its events between
-- @orders_from and @today.
-- A line is an item of an order; it is due on the day promised at its confirmation, or else at its creation. Lines due
-- from @first to @due_until count, delivered or not, but those of orders cancelled by then do not. A line is in full on
-- the day that its receipts reach the quantity ordered. `spend` is the value of what arrived from @first to @last.
-- Parameters: client_id STRING, first_supplier STRING, last_supplier STRING, orders_from DATE, today DATE, first DATE,
--   last DATE, due_until DATE
WITH events AS (
  SELECT supplier_id, order_id, item_id, event, date, quantity, unit_cost, promised_date
  FROM inventory.purchase_order_events
  WHERE client_id = @client_id AND date BETWEEN @orders_from AND @today
    AND supplier_id BETWEEN @first_supplier AND @last_supplier
),
lines AS (
  SELECT supplier_id, order_id, item_id, IFNULL(MAX(IF(event = 'confirmed', quantity, NULL)), MAX(quantity)) AS ordered,
    IFNULL(MAX(IF(event = 'confirmed', promised_date, NULL)), MAX(promised_date)) AS promised,
    MIN(IF(event = 'confirmed', date, NULL)) AS confirmed
  FROM events WHERE event IN ('created', 'confirmed')
  GROUP BY supplier_id, order_id, item_id
),
cancellations AS (SELECT order_id, MIN(date) AS cancelled FROM events WHERE event = 'cancelled' GROUP BY order_id),
arrivals AS (
  SELECT order_id, item_id, date, SUM(quantity) OVER (PARTITION BY order_id, item_id ORDER BY date) AS received
  FROM events WHERE event = 'receipt'
),
due AS (
  SELECT supplier_id, order_id, item_id, ordered, promised, confirmed,
    LEAST(IFNULL(MAX(received), 0), ordered) AS received,
    MIN(IF(received >= ordered, date, NULL)) AS completed
  FROM lines LEFT JOIN cancellations USING (order_id) LEFT JOIN arrivals USING (order_id, item_id)
  WHERE ordered > 0 AND promised BETWEEN @first AND @due_until AND (cancelled IS NULL OR cancelled > promised)
  GROUP BY supplier_id, order_id, item_id, ordered, promised, confirmed
),
delivered AS (
  SELECT supplier_id, COUNT(*) AS lines_due, COUNTIF(completed <= promised) AS lines_on_time_in_full,
    COUNTIF(completed IS NOT NULL) AS lines_in_full,
    SUM(ordered) AS units_due, SUM(received) AS units_received,
    AVG(DATE_DIFF(completed, confirmed, DAY)) AS lead_time_days_mean,
    STDDEV_SAMP(DATE_DIFF(completed, confirmed, DAY)) AS lead_time_days_deviation,
    COUNTIF(completed IS NOT NULL AND confirmed IS NOT NULL) AS lead_times
  FROM due GROUP BY supplier_id
),
bought AS (
  SELECT supplier_id, SUM(quantity * unit_cost) AS spend
  FROM events WHERE event = 'receipt' AND date BETWEEN @first AND @last
  GROUP BY supplier_id
)
SELECT supplier_id, lines_due, lines_on_time_in_full, lines_in_full, units_due, units_received,
  lead_time_days_mean, lead_time_days_deviation, lead_times, spend
FROM delivered FULL JOIN bought USING (supplier_id)
