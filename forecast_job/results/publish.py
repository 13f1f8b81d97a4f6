"""Load a shard's files into BigQuery, each of them once."""

from __future__ import annotations

from forecast_job.progress import JobProgress
from forecast_job.results.result_files import TABLES, ResultFiles
from shared.bigquery.warehouse import Warehouse


def publish(warehouse: Warehouse, files: ResultFiles, step: str, progress: JobProgress) -> None:
    """One load job per table. Its id is made of client, `step` (run and shard) and table, so that a repeated step finds
    the job of its first attempt instead of loading the rows again; empty files are not loaded."""
    for table in TABLES:
        rows = files.rows[table.name]
        if not rows:
            continue
        with files.path(table).open("rb") as parquet:
            warehouse.append(table, parquet, f"{step}/{table.name}")
        progress.say(f"loaded {table.name}", rows=rows)
