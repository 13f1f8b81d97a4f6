"""A block's forecasts as rows of the result tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forecast_job.demand.classify import Classified
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast
from forecast_job.results.result_files import RunKey, arrow_schema
from forecast_job.totals.calibration import WindowTotals
from forecast_job.totals.run_backtest import Backtested
from shared.bigquery.tables import (
    BACKTESTS,
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


def forecast_rows(key: RunKey, panel: Panel, forecast: DailyForecast, engine: str) -> pa.Table:
    """Of forecast_results: a row a series of `panel` and day of the horizon."""
    return _table(FORECASTS, key, panel.series * forecast.mean.shape[1], _daily(panel, forecast, engine))


def total_rows(key: RunKey, panel: Panel, totals: WindowTotals) -> pa.Table:
    """Of lead_time_demand: a row a series and window."""
    windows = len(WINDOW_DAYS)
    columns = {
        "item_id": _repeated(panel.item_ids, windows),
        "location_id": _repeated(panel.location_ids, windows),
        "window_days": pa.array(np.tile(np.array(WINDOW_DAYS, dtype=np.int64), panel.series)),
        "mean": _floats(totals.mean),
        **_levels(WINDOW_QUANTILES, totals.quantiles),
    }
    return _table(LEAD_TIME_DEMAND, key, panel.series * windows, columns)


def class_rows(key: RunKey, items: Classified) -> pa.Table:
    """Of sku_classifications: a row an item."""
    labels = {"abc": items.abc, "xyz": items.xyz, "demand_pattern": items.pattern, "lifecycle": items.lifecycle}
    columns = {
        "item_id": _repeated(items.item_ids, 1),
        **{name: pa.array(values.tolist(), pa.string()).dictionary_encode() for name, values in labels.items()},
        "adi": _floats(items.adi),
        "cv2": _floats(items.cv2),
        "revenue": _floats(items.revenue),
        "first_sale": pa.array(items.first_sale, pa.date32()),
        "last_sale": pa.array(items.last_sale, pa.date32()),
    }
    return _table(CLASSIFICATIONS, key, len(items.item_ids), columns)


def backtest_rows(key: RunKey, backtested: Backtested | None, engine: str) -> pa.Table:
    """Of forecast_backtest: a row an item and day; none where nothing could be forecast so far back."""
    if backtested is None:
        return arrow_schema(BACKTESTS).empty_table()
    panel, forecast = backtested.panel, backtested.forecast
    rows = panel.series * forecast.mean.shape[1]
    columns = {
        **_daily(panel, forecast, engine),
        "origin_date": pa.array([panel.origin] * rows, pa.date32()),
        "units_sold": _floats(backtested.units),
        "naive": _floats(backtested.naive),
        "days_since_sale": _floats(np.repeat(backtested.days_since_sale, forecast.mean.shape[1])).cast(pa.int64()),
    }
    return _table(BACKTESTS, key, rows, columns)


def _daily(panel: Panel, forecast: DailyForecast, engine: str) -> dict[str, Any]:
    horizon = forecast.mean.shape[1]
    dates = [panel.origin + dt.timedelta(days=day) for day in range(horizon)]
    return {
        "item_id": _repeated(panel.item_ids, horizon),
        "location_id": _repeated(panel.location_ids, horizon),
        "date_local": pa.array(dates * panel.series, pa.date32()),
        "mean": _floats(forecast.mean),
        **_levels(DAILY_QUANTILES, forecast.quantiles),
        "engine": _repeated(forecast.engines or (engine,) * panel.series, horizon),
    }


def _table(table: Table, key: RunKey, rows: int, columns: dict[str, Any]) -> pa.Table:
    columns |= {
        "client_id": _constant(key.client_id, rows),
        "run_date": pa.array([key.run_date] * rows, pa.date32()),
        "run_id": _constant(key.run_id, rows),
    }
    return pa.table({name: columns[name] for name in table.column_names}, schema=arrow_schema(table))


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
