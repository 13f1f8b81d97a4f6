-- One page of what an import rejected, in the file's order, and how many rejects there are in all.
-- Parameters: client_id STRING, date DATE, run_id STRING, size INT64, offset INT64
SELECT row_number, `check`, field, reason, record, COUNT(*) OVER () AS total
FROM inventory.etl_rejects
WHERE client_id = @client_id AND date = @date AND run_id = @run_id
ORDER BY row_number
LIMIT @size OFFSET @offset
