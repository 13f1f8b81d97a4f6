"""What a Parquet file says: daily demand, or invoice lines, cleaned as the import does it; how items are supplied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from forecast_job.supply import ItemSupply
from shared.domain.errors import Invalid
from shared.domain.invoice_lines import daily_demand, item_code, line_checks, net_cancellations

_NAMES = {
    "item_id": ("item_id", "sku"),
    "date_local": ("date_local", "date"),
    "units_sold": ("units_sold", "quantity", "units"),
    "location_id": ("location_id", "location"),
    "stock_on_date": ("stock_on_date",),
}
_REQUIRED = ("item_id", "date_local", "units_sold")
_MONEY = ("unit_cost", "unit_price")
_COST_SHARE_OF_PRICE = 0.5
_LEAST_SUPPLY = {"lead_time_days": 0.0, "moq": 0.0, "packaging_qty": 0.001}
_LINES = ("invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id")
ONE_LOCATION = "ALL"


def read_demand(path: Path) -> pl.DataFrame:
    """Records item_id, location_id, date_local, units_sold and, where the file has it, stock_on_date.

    Invoice lines are told by their columns: invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id.
    Raises Invalid for a file that is missing, no Parquet or neither.
    """
    try:
        columns = pl.read_parquet_schema(path)
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Invalid(
            "unreadable_file", f"{path} is not a readable Parquet file: {str(error).splitlines()[0]}"
        ) from error
    if set(_LINES) <= set(columns):
        return _from_lines(frame)
    found = {name: next((alias for alias in aliases if alias in columns), None) for name, aliases in _NAMES.items()}
    missing = [" or ".join(_NAMES[name]) for name in _REQUIRED if found[name] is None]
    if missing:
        raise Invalid(
            "missing_columns", f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(sorted(columns))}"
        )
    frame = frame.select(pl.col(alias).alias(name) for name, alias in found.items() if alias is not None)
    if "location_id" not in frame.columns:
        frame = frame.with_columns(location_id=pl.lit(ONE_LOCATION))
    return frame.with_columns(pl.col("item_id").cast(pl.String), pl.col("date_local").cast(pl.Date))


def read_supply(path: Path) -> dict[str, ItemSupply]:
    """What the file says of how its items are supplied, by item; empty where it says nothing.

    Unit cost: the mean of unit_cost, else half the median of unit_price. lead_time_days, moq and packaging_qty: an
    item's last value. Raises Invalid for a value that cannot be.
    """
    columns = pl.read_parquet_schema(path)
    item = next((name for name in (*_NAMES["item_id"], "stock_code") if name in columns), None)
    money = next((name for name in _MONEY if name in columns), None)
    terms = [name for name in _LEAST_SUPPLY if name in columns]
    wanted = [*terms, *([money] if money is not None else [])]
    if item is None or not wanted:
        return {}
    code = pl.col(item).cast(pl.String)
    named = item_code(code) if item == "stock_code" else code
    try:
        frame = pl.read_parquet(path, columns=[item, *wanted]).select(
            named.alias("item"), *(pl.col(name).cast(pl.Float64) for name in wanted)
        )
    except pl.exceptions.PolarsError as error:
        raise Invalid(
            "invalid_supply", f"{path}: {', '.join(wanted)} must be numbers: {str(error).splitlines()[0]}"
        ) from error
    found = frame.drop_nulls("item").group_by("item").agg(*(pl.col(name).drop_nulls().last() for name in terms))
    for name in terms:
        _check(path, name, found)
    if money is not None:
        paid = pl.col(money).mean() if money == "unit_cost" else pl.col(money).median() * _COST_SHARE_OF_PRICE
        cost = frame.filter(pl.col(money) > 0).group_by("item").agg(unit_cost=paid)
        found = found.join(cost, on="item", how="left")
    return {row.pop("item"): _supply(row) for row in found.iter_rows(named=True)}


def _check(path: Path, name: str, found: pl.DataFrame) -> None:
    wrong = found.filter((pl.col(name) < _LEAST_SUPPLY[name]) | ~pl.col(name).is_finite()).sort("item")
    if len(wrong):
        item, value = wrong.row(0, named=True)["item"], wrong.row(0, named=True)[name]
        raise Invalid(
            "invalid_supply",
            f"{path}: {name} of item {item!r} is {value:g}; it must be {_LEAST_SUPPLY[name]:g} or more",
        )


def _supply(found: Mapping[str, float | None]) -> ItemSupply:
    lead_time_days = found.get("lead_time_days")
    return ItemSupply(
        unit_cost=found.get("unit_cost"),
        lead_time_days=None if lead_time_days is None else round(lead_time_days),
        moq=found.get("moq"),
        packaging_qty=found.get("packaging_qty"),
    )


def _from_lines(frame: pl.DataFrame) -> pl.DataFrame:
    lines = frame.with_row_index("row_number").select(
        pl.col("row_number").cast(pl.Int64),
        pl.col("invoice_no").cast(pl.String),
        item_code(pl.col("stock_code").cast(pl.String)).alias("item_id"),
        pl.lit(ONE_LOCATION).alias("location_id"),
        pl.col("customer_id").cast(pl.String),
        pl.col("invoice_date").cast(pl.Datetime("us")).alias("date_local"),
        pl.col("quantity").cast(pl.Decimal(18, 3)).alias("units_sold"),
        pl.col("unit_price").cast(pl.Decimal(18, 4)).alias("price"),
    )
    readable = lines.drop_nulls(["invoice_no", "item_id", "date_local", "units_sold", "price"])
    refused = pl.any_horizontal(check.failed.fill_null(value=False) for check in line_checks())
    return daily_demand(net_cancellations(readable.filter(~refused))).select(*_REQUIRED, "location_id")
