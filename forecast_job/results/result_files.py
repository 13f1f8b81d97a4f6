"""A shard's result rows as Parquet files, one a table, written block by block so that memory stays bounded."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from shared.bigquery.tables import BACKTESTS, CLASSIFICATIONS, FORECASTS, LEAD_TIME_DEMAND, WINDOW_DAYS, Table

_ARROW_TYPES = {"STRING": pa.dictionary(pa.int32(), pa.string()), "DATE": pa.date32(), "INT64": pa.int64()}
TABLES = (FORECASTS, LEAD_TIME_DEMAND, CLASSIFICATIONS, BACKTESTS)
COMPRESSION = "zstd"

BlockTables = Mapping[str, pa.Table]  # the rows of a block, by the name of each of TABLES


@dataclass(frozen=True)
class RunKey:
    """What every row of a run begins with."""

    client_id: str
    run_date: dt.date
    run_id: str


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns as result files have them."""
    return pa.schema([(column.name, _ARROW_TYPES.get(column.type, pa.float64())) for column in table.columns])


class ResultFiles:
    """Parquet files of the result tables in `folder`; a context manager that closes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows = {table.name: 0 for table in TABLES}
        self._days_by_engine: Counter[str] = Counter()

    def __enter__(self) -> ResultFiles:
        for table in TABLES:
            writer = pq.ParquetWriter(self.path(table), arrow_schema(table), compression=COMPRESSION)
            self._writers[table.name] = writer
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def path(self, table: Table) -> Path:
        return self._folder / f"{table.name}.parquet"

    @property
    def series(self) -> int:
        """How many series have rows."""
        return self.rows[LEAD_TIME_DEMAND.name] // len(WINDOW_DAYS)

    def series_by_engine(self, horizon_days: int) -> dict[str, int]:
        """How many series each engine has forecast."""
        return {engine: days // horizon_days for engine, days in self._days_by_engine.items()}

    def add(self, block: BlockTables) -> None:
        """Append the rows of a block."""
        for count in block[FORECASTS.name]["engine"].value_counts().to_pylist():
            self._days_by_engine[count["values"]] += count["counts"]
        for name, rows in block.items():
            self._writers[name].write_table(rows)
            self.rows[name] += rows.num_rows
