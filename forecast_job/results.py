"""A shard's result rows as Parquet files, one a table, written block by block so that memory stays bounded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forecast_job.calibration import WindowTotals
from forecast_job.classify import Classified
from forecast_job.engines import DailyForecast
from forecast_job.panel import Panel
from shared.bigquery.tables import (
    CLASSIFICATIONS,
    DAILY_QUANTILES,
    FORECASTS,
    LEAD_TIME_DEMAND,
    WINDOW_DAYS,
    WINDOW_QUANTILES,
    Table,
    quantile_column,
)

_DECIMALS = 4
_ARROW_TYPES = {"STRING": pa.dictionary(pa.int32(), pa.string()), "DATE": pa.date32(), "INT64": pa.int64()}
TABLES = (FORECASTS, LEAD_TIME_DEMAND, CLASSIFICATIONS)


@dataclass(frozen=True)
class RunKey:
    """What every row of a run begins with."""

    client_id: str
    run_date: dt.date
    run_id: str


class ResultFiles:
    """Parquet files of the three result tables in `folder`; a context manager that closes them."""

    def __init__(self, folder: Path, key: RunKey) -> None:
        self._folder, self._key = folder, key
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows = {table.name: 0 for table in TABLES}

    def __enter__(self) -> ResultFiles:
        for table in TABLES:
            schema = pa.schema([(c.name, _ARROW_TYPES.get(c.type, pa.float64())) for c in table.columns])
            self._writers[table.name] = pq.ParquetWriter(self.path(table), schema, compression="zstd")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def path(self, table: Table) -> Path:
        return self._folder / f"{table.name}.parquet"

    def add(self, panel: Panel, forecast: DailyForecast, totals: WindowTotals, engine: str, items: Classified) -> None:
        """Append the rows of a block: `forecast` and `totals` row by row for the series of `panel`."""
        horizon = forecast.mean.shape[1]
        dates = [panel.origin + dt.timedelta(days=day) for day in range(horizon)]
        self._write(
            FORECASTS,
            panel.series * horizon,
            {
                "item_id": _repeated(panel.item_ids, horizon),
                "location_id": _repeated(panel.location_ids, horizon),
                "date_local": pa.array(dates * panel.series, pa.date32()),
                "mean": _floats(forecast.mean),
                **_levels(DAILY_QUANTILES, forecast.quantiles),
                "engine": _repeated(forecast.engines or (engine,) * panel.series, horizon),
            },
        )
        windows = len(WINDOW_DAYS)
        self._write(
            LEAD_TIME_DEMAND,
            panel.series * windows,
            {
                "item_id": _repeated(panel.item_ids, windows),
                "location_id": _repeated(panel.location_ids, windows),
                "window_days": pa.array(np.tile(np.array(WINDOW_DAYS, dtype=np.int64), panel.series)),
                "mean": _floats(totals.mean),
                **_levels(WINDOW_QUANTILES, totals.quantiles),
            },
        )
        labels = {"abc": items.abc, "xyz": items.xyz, "demand_pattern": items.pattern, "lifecycle": items.lifecycle}
        self._write(
            CLASSIFICATIONS,
            len(items.item_ids),
            {
                "item_id": _repeated(items.item_ids, 1),
                **{name: pa.array(values.tolist(), pa.string()).dictionary_encode() for name, values in labels.items()},
                "adi": _floats(items.adi),
                "cv2": _floats(items.cv2),
                "revenue": _floats(items.revenue),
                "first_sale": pa.array(items.first_sale, pa.date32()),
                "last_sale": pa.array(items.last_sale, pa.date32()),
            },
        )

    def _write(self, table: Table, rows: int, columns: dict[str, Any]) -> None:
        columns |= {
            "client_id": _constant(self._key.client_id, rows),
            "run_date": pa.array([self._key.run_date] * rows, pa.date32()),
            "run_id": _constant(self._key.run_id, rows),
        }
        writer = self._writers[table.name]
        writer.write_table(pa.table({name: columns[name] for name in table.column_names}, schema=writer.schema))
        self.rows[table.name] += rows


def _levels(levels: Iterable[float], quantiles: NDArray[np.float32]) -> dict[str, Any]:
    return {quantile_column(level): _floats(quantiles[..., index]) for index, level in enumerate(levels)}


def _floats(values: NDArray[Any]) -> Any:
    flat = np.round(values.astype(np.float64).ravel(), _DECIMALS)
    return pa.array(flat, mask=np.isnan(flat))


def _repeated(values: Iterable[str], times: int) -> Any:
    dictionary = pa.array(list(values), pa.string())
    indices = np.repeat(np.arange(len(dictionary), dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(indices, dictionary)


def _constant(value: str, rows: int) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), pa.array([value]))
