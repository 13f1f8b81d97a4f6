"""Demand from a Parquet file: daily demand, or invoice lines, cleaned as the import does it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from forecast_job.demand.online_retail import item_code, sales_lines
from shared.domain.imports.import_errors import MissingColumns, UnreadableFile
from shared.domain.imports.invoice_lines import daily_demand, net_returns, numbered

ALIASES = {
    "item_id": ("item_id", "sku", "product_id", "unique_id"),
    "date_local": ("date_local", "date", "ds"),
    "units_sold": ("units_sold", "quantity", "units", "qty", "sales", "y"),
    "location_id": ("location_id", "location", "store_id"),
    "stock_on_date": ("stock_on_date",),
}
_REQUIRED = ("item_id", "date_local", "units_sold")
_LINES = ("invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id")
ONE_LOCATION = "ALL"


def read_demand(path: Path) -> pl.DataFrame:
    """Records item_id, location_id, date_local, units_sold and, where the file has it, stock_on_date.

    The lines of the Online Retail file (online_retail.py) are recognised by their columns: invoice_no, stock_code,
    quantity, invoice_date, unit_price, customer_id. Raises Invalid for a file that is missing, no Parquet or neither.
    """
    try:
        columns = pl.read_parquet_schema(path)
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableFile(f"{path} is not a readable Parquet file: {str(error).splitlines()[0]}") from error
    if set(_LINES) <= set(columns):
        return _from_lines(frame)
    column_of = {
        name: next((alias for alias in aliases if alias in columns), None) for name, aliases in ALIASES.items()
    }
    missing = [" or ".join(ALIASES[name]) for name in _REQUIRED if column_of[name] is None]
    if missing:
        raise MissingColumns(f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(sorted(columns))}")
    frame = frame.select(pl.col(alias).alias(name) for name, alias in column_of.items() if alias is not None)
    if "location_id" not in frame.columns:
        frame = frame.with_columns(location_id=pl.lit(ONE_LOCATION))
    return frame.with_columns(pl.col("item_id").cast(pl.String), pl.col("date_local").cast(pl.Date))


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
        (pl.col("description") if "description" in frame.columns else pl.lit(None, dtype=pl.String)).alias(
            "description"
        ),
    )
    readable = lines.drop_nulls(["invoice_no", "item_id", "date_local", "units_sold", "price"])
    return daily_demand(net_returns(numbered(sales_lines(readable)))).select(*_REQUIRED, "location_id")
