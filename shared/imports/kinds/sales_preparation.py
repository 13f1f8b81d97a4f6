"""From records of sales to daily demand on disk: checked, netted or deduplicated, in constant memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from shared.domain.dates import DateRange
from shared.domain.imports import invoice_lines, sales_history
from shared.domain.imports.record_checks import Check, date_check, field_checks, location_check
from shared.domain.imports.sales_history import check_length
from shared.domain.imports.spelling import Spellings, spelt
from shared.imports.intake import Intake, OnProgress
from shared.imports.record_stream import RecordStream
from shared.imports.spill import SpilledFrame

NUMERIC = pl.Decimal(38, 9)
DEMAND_TYPES: Mapping[str, Any] = {
    "item_id": pl.String,
    "location_id": pl.String,
    "date_local": pl.Date,
    "units_sold": NUMERIC,
    "revenue": NUMERIC,
    "promotion_flag": pl.Boolean,
    "holiday_flag": pl.Boolean,
    "is_weekend": pl.Boolean,
    "marketing_spend": NUMERIC,
    "stock_on_date": NUMERIC,
}

_SHOWN_OUTLIERS = 20


@dataclass(frozen=True)
class SalesRecords:
    """The records of a sales import and what they are checked against.

    `today` is the client's business date; `items` and `places` are those that it has.
    """

    stream: RecordStream
    invoice_lines: bool
    today: dt.date
    items: Spellings
    places: Spellings

    @property
    def demand_columns(self) -> tuple[str, ...]:
        """The columns of ts_demand_daily that the source has values for, in the table's order."""
        names = {"is_weekend", *self.stream.bound}
        if self.invoice_lines or "price" in self.stream.bound:
            names.add("revenue")
        return tuple(name for name in DEMAND_TYPES if name in names)

    @property
    def checks(self) -> list[Check]:
        """The checks that need no other record."""
        by_name = {field.name: field for field in self.stream.fields}
        return [
            *field_checks(self.stream.fields),
            date_check(by_name["date_local"], self.today),
            *(invoice_lines.line_checks() if self.invoice_lines else ()),
            location_check(by_name["location_id"], self.places),
        ]

    def prepared(self, records: pl.DataFrame) -> pl.DataFrame:
        """The records with the ids that the client has, and of daily ones the day alone."""
        records = spelt(records, item_id=self.items, location_id=self.places)
        return records if self.invoice_lines else records.with_columns(pl.col("date_local").dt.truncate("1d"))


@dataclass
class PreparedSales:
    """Daily demand of one source, on disk, with what its report says of it; `window` is None without demand."""

    intake: Intake
    demand: SpilledFrame
    window: DateRange | None = None
    cancelled_units: Decimal = Decimal(0)
    outlier_count: int = 0
    largest_outliers: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[DateRange] = field(default_factory=list)
    orphans: set[str] = field(default_factory=set)


def prepare(sales: SalesRecords, folder: Path, on_progress: OnProgress) -> PreparedSales:
    """Read all records; raises UnusableFile, or Invalid when they span more days than one run may.

    `on_progress(step, done)` is told every few seconds how many records are read or partitions worked on.
    """
    columns = {name: DEMAND_TYPES[name] for name in sales.demand_columns}
    prepared = PreparedSales(Intake(sales.stream, folder), SpilledFrame(folder / "demand", columns))
    products = frozenset(sales.items)
    prepared.intake.read_all(sales.checks, on_progress, sales.prepared)
    day = pl.col("date_local").dt.date()
    first, last = prepared.intake.scan().select(day.min().alias("first"), day.max().alias("last")).collect().row(0)
    if first is not None:
        check_length(DateRange(first, last))
    days: set[dt.date] = set()
    for done, records in enumerate(prepared.intake.partitions(), start=1):
        daily = _netted(records, prepared) if sales.invoice_lines else _distinct(records, prepared)
        daily = sales_history.with_calendar(daily)
        prepared.demand.add(daily)
        days.update(daily["date_local"])
        prepared.orphans.update(item for item in daily["item_id"].unique() if item not in products)
        _note_outliers(daily, prepared)
        on_progress("aggregating", done)
    if days:
        prepared.window = DateRange(min(days), max(days))
        prepared.gaps = sales_history.gaps(prepared.window, days)
    return prepared


def _netted(lines: pl.DataFrame, prepared: PreparedSales) -> pl.DataFrame:
    """Daily demand of invoice lines; a cancellation of nothing is rejected."""
    kept = prepared.intake.reject(invoice_lines.net_cancellations(lines), [invoice_lines.unmatched_check()])
    purchases = kept.filter(~invoice_lines.is_cancellation())
    prepared.cancelled_units += purchases.select((pl.col("units_sold") - pl.col("net_units")).sum()).item()
    return invoice_lines.daily_demand(kept)


def _distinct(records: pl.DataFrame, prepared: PreparedSales) -> pl.DataFrame:
    """Daily records as they are, the first of each item, location and day; a blank revenue is price x units."""
    kept = prepared.intake.distinct(records, sales_history.KEY)
    earned = pl.col("units_sold").cast(NUMERIC) * pl.col("price").cast(NUMERIC)
    revenue = pl.coalesce(pl.col("revenue").cast(NUMERIC), earned)
    return kept.with_columns(pl.col("date_local").dt.date(), revenue=revenue)


def _note_outliers(daily: pl.DataFrame, prepared: PreparedSales) -> None:
    outliers = sales_history.outliers(daily)
    prepared.outlier_count += outliers.height
    prepared.largest_outliers = _largest([*prepared.largest_outliers, *outliers.iter_rows(named=True)])


def _largest(outliers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are furthest above the usual."""

    def order(outlier: dict[str, Any]) -> tuple[Any, ...]:
        return -float(outlier["units_sold"]) / outlier["usual_units"], outlier["item_id"], outlier["date_local"]

    return sorted(outliers, key=order)[:_SHOWN_OUTLIERS]
