-- The invoice lines of some items, or of all, that are kept from earlier imports.
-- The range from @low to @high lets BigQuery skip the blocks of the clustered table in which none of the items are.
-- Parameters: client_id STRING, first DATE, last DATE, low STRING, high STRING, items ARRAY<STRING>, every_item BOOL
SELECT item_id, location_id, invoice_no, line_no, sold_at, units_sold, price, customer_id
FROM inventory.sales_lines
WHERE client_id = @client_id AND date_local BETWEEN @first AND @last
  AND item_id BETWEEN @low AND @high AND (@every_item OR item_id IN UNNEST(@items))
  AND units_sold != 0
