"""Demand from a file: daily records under their usual names, and invoice lines cleaned as the import cleans them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from forecast_job.demand.demand_file import read_demand
from shared.domain.errors import Invalid

DAY = dt.date(2024, 5, 6)


@pytest.mark.parametrize(
    ("item", "date", "units"),
    [("item_id", "date_local", "units_sold"), ("sku", "date", "quantity"), ("unique_id", "ds", "y")],
)
def test_daily_records_by_any_of_their_names(tmp_path: Path, item: str, date: str, units: str) -> None:
    path = tmp_path / "demand.parquet"
    pl.DataFrame({item: ["A", "B"], date: [DAY, DAY], units: [3, 4], "other": [0, 0]}).write_parquet(path)
    frame = read_demand(path)
    assert set(frame.columns) == {"item_id", "location_id", "date_local", "units_sold"}
    assert frame["units_sold"].to_list() == [3, 4]
    assert frame["location_id"].n_unique() == 1


def test_invoice_lines_are_cleaned(tmp_path: Path) -> None:
    at = dt.datetime.combine(DAY, dt.time(10))
    lines = [
        ("1", "85123a", 10, 1.5, 7),
        ("1", "POST", 1, 18.0, 7),
        ("C2", "85123A", -4, 1.5, 7),
        ("3", "85123A", -9, 0.0, None),
        ("4", "85123A", 5, 0.0, None),
        ("5", "85123A", 2, 1.5, None),
    ]
    path = tmp_path / "lines.parquet"
    pl.DataFrame(
        [
            (number, code, units, at + dt.timedelta(hours=row), price, customer)
            for row, (number, code, units, price, customer) in enumerate(lines)
        ],
        schema=["invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id"],
        orient="row",
    ).write_parquet(path)
    frame = read_demand(path)
    assert frame.select("item_id", "date_local").rows() == [("85123A", DAY)]
    assert float(frame["units_sold"][0]) == 8


def test_a_file_without_the_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"item_id": ["A"], "day": [DAY]}).write_parquet(path)
    with pytest.raises(Invalid, match=r"date_local or date or ds, units_sold or .* or y; it has day, item_id"):
        read_demand(path)


@pytest.mark.parametrize("content", [None, b"", b"not a Parquet file"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Invalid, match=r"broken\.parquet is not a readable Parquet file"):
        read_demand(path)
