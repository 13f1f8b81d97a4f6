"""Rows of inventory_metrics made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from shared.bigquery.tables import METRICS
from tests.support.forecasts import append_rows
from tests.support.tenants import TestClient


def metrics_row(day: dt.date, item_id: str, place: str = "*", **fields: Any) -> dict[str, Any]:
    """A row; what is not given is 0 or not known."""
    usual: dict[str, Any] = {
        "date": day,
        "item_id": item_id,
        "location_id": place,
        "status": "normal",
        "expected_daily_demand": 0.0,
        "forecasted_demand_30d": 0.0,
        "stockout_risk": 0.0,
        "lead_time_days": 7,
        "demand_basis": "x",
        "risk_basis": "x",
        "computed_at": dt.datetime(2024, 5, 1, tzinfo=dt.UTC),
        "dir": None,
    }
    money = ("current_stock", "on_order", "inventory_position", "unit_cost", "inventory_value")
    return usual | dict.fromkeys(money, 0) | dict.fromkeys(("sales_at_risk", "excess_value")) | fields


def put_metrics(client: TestClient, rows: list[dict[str, Any]]) -> None:
    """Append them, once for each client."""
    types: dict[str, pl.DataType] = {
        column.name: pl.Decimal(38, 9) for column in METRICS.columns if column.type == "NUMERIC"
    }
    frame = pl.DataFrame(rows, schema_overrides=types | {"dir": pl.Float64()})
    append_rows(client, METRICS, frame.with_columns(client_id=pl.lit(client.client_id)), "metrics")
