"""Stock over time, and what suppliers did of what they promised."""

from __future__ import annotations

from shared.domain.planning.stock_status import StockStatus

# An order is found if it was placed at most this long before the first day that is asked about.
ORDER_LIFETIME_DAYS = 400

_STATUSES = ",\n    ".join(f"COUNTIF(status = '{status.value}') AS {status.value}" for status in StockStatus)

# A location's stock, or with '*' all of it, on each day of which there are metrics. By week: the last such day of each
# week (Monday to Sunday), as stock is a level and does not add up over days.
INVENTORY_TRENDS = f"""
WITH days AS (
  SELECT date, COUNT(*) AS items, SUM(inventory_value) AS inventory_value, SUM(current_stock) AS units,
    SUM(on_order) AS on_order,
    {_STATUSES}
  FROM {{inventory_metrics}}
  WHERE client_id = @client_id AND date BETWEEN @first AND @last AND location_id = @location_id
  GROUP BY date
),
ranked AS (
  SELECT *,
    ROW_NUMBER() OVER (PARTITION BY IF(@weekly, DATE_TRUNC(date, WEEK(MONDAY)), date) ORDER BY date DESC) AS place
  FROM days
)
SELECT * EXCEPT (place) FROM ranked WHERE place = 1 ORDER BY date
"""  # noqa: S608


def supplier_performance(*, one_supplier: bool = False) -> str:
    """Per supplier with anything to say of it, from events between @orders_from and @today; with `one_supplier` only
    of @supplier_id.

    A line is an item of an order; it is due on the day promised at its confirmation, or else at its creation. Lines
    due from @first to @due_until count, delivered or not, but those of orders cancelled by then do not. A line is in
    full on the day that its receipts reach what was ordered. `spend` is the worth of what arrived from @first to @last.
    """
    return f"""
WITH events AS (
  SELECT supplier_id, order_id, item_id, event, date, quantity, unit_price, promised_date
  FROM {{purchase_order_events}}
  WHERE client_id = @client_id AND date BETWEEN @orders_from AND @today{
        " AND supplier_id = @supplier_id" if one_supplier else ""
    }
),
lines AS (
  SELECT supplier_id, order_id, item_id, MAX(quantity) AS ordered,
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
  WHERE promised BETWEEN @first AND @due_until AND (cancelled IS NULL OR cancelled > promised)
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
  SELECT supplier_id, SUM(quantity * unit_price) AS spend
  FROM events WHERE event = 'receipt' AND date BETWEEN @first AND @last
  GROUP BY supplier_id
)
SELECT * FROM delivered FULL JOIN bought USING (supplier_id)
"""  # noqa: S608
