"""Scores of forecasts made by hand, without a scoring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shared.bigquery.tables import ACCURACY, TOTAL_ACCURACY, Table
from tests.support.forecasts import append_rows
from tests.support.tenants import TODAY, TestClient

Row = Mapping[str, Any]
_TYPES: dict[str, pl.DataType] = {"FLOAT64": pl.Float64(), "INT64": pl.Int64(), "NUMERIC": pl.Decimal(38, 9)}
_ROOT = 28**0.5  # a scale of 1 / _ROOT makes 28 days vary by one unit


def plant(client: TestClient, days: Sequence[Row] = (), totals: Sequence[Row] = ()) -> None:
    """Scored forecasts of days and of totals; what is not given is not known."""
    key: Row = {"client_id": client.client_id, "run_date": TODAY - dt.timedelta(40), "run_id": "r", "location_id": "*"}
    _append(client, ACCURACY, [{**key, "lag": 7, "days": 1, **row} for row in days])
    _append(
        client, TOTAL_ACCURACY, [{**key, "window_days": 28, "windows": 1, "scale": 1 / _ROOT, **row} for row in totals]
    )


def _append(client: TestClient, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        numbers = {column.name: _TYPES[column.type] for column in table.columns if column.type in _TYPES}
        unknown = dict.fromkeys(numbers)
        append_rows(
            client, table, pl.DataFrame([{**unknown, **row} for row in rows], schema_overrides=numbers), "planted"
        )
