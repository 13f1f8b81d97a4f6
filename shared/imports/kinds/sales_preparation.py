"""From a sales file to daily demand on disk: checked, netted or freed of duplicates, in constant memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from shared.domain.dates import DateRange
from shared.domain.imports import invoice_lines, sales_history
from shared.domain.imports.record_checks import date_check, field_checks, location_check
from shared.domain.imports.record_fields import Field, ImportKind, fields_of
from shared.domain.imports.sales_history import check_length
from shared.imports.column_mapping import ColumnBinding
from shared.imports.intake import Intake, OnProgress
from shared.imports.readers.record_source import Source
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
class SalesFile:
    """An opened sales file and what its records are checked against. `today` is the client's business date."""

    source: Source
    bound: Mapping[str, ColumnBinding]
    invoice_lines: bool
    timezone: str
    today: dt.date
    known_locations: Collection[str]

    @property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(ImportKind.SALES_HISTORY, self.invoice_lines)

    @property
    def demand_columns(self) -> tuple[str, ...]:
        """The columns of ts_demand_daily that the file has values for, in the table's order."""
        given = {"is_weekend", *self.bound}
        if self.invoice_lines or "price" in self.bound:
            given.add("revenue")
        return tuple(name for name in DEMAND_TYPES if name in given)

    @property
    def stream(self) -> RecordStream:
        """The file's records with the checks that need no other record."""
        by_name = {one.name: one for one in self.fields}
        checks = [*field_checks(self.fields), date_check(by_name["date_local"], self.today)]
        if self.invoice_lines:
            checks += invoice_lines.line_checks()
        checks.append(location_check(by_name["location_id"], self.known_locations))
        prepare = _with_item_codes if self.invoice_lines else _with_days
        return RecordStream(self.source, self.bound, self.fields, checks, self.timezone, prepare)


@dataclass
class PreparedSales:
    """Daily demand of one file, on disk, with what is worth telling about it; `window` is None when it has none."""

    intake: Intake
    demand: SpilledFrame
    window: DateRange | None = None
    cancelled_units: Decimal = Decimal(0)
    outlier_count: int = 0
    largest_outliers: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[DateRange] = field(default_factory=list)


def prepare(file: SalesFile, folder: Path, on_progress: OnProgress) -> PreparedSales:
    """Read the whole file; raises UnreadableSource, or Invalid when it spans more than one run may.

    `on_progress(step, done)` is told every few seconds how many records are read or partitions worked on.
    """
    columns = {name: DEMAND_TYPES[name] for name in file.demand_columns}
    prepared = PreparedSales(Intake(file.stream, folder), SpilledFrame(folder / "demand", columns))
    prepared.intake.read_all(on_progress)
    day = pl.col("date_local").dt.date()
    first, last = prepared.intake.scan().select(day.min().alias("first"), day.max().alias("last")).collect().row(0)
    if first is not None:
        check_length(DateRange(first, last))
    days: set[dt.date] = set()
    for done, records in enumerate(prepared.intake.partitions(), start=1):
        daily = _netted(records, prepared) if file.invoice_lines else _distinct(records, prepared)
        daily = sales_history.with_calendar(daily)
        prepared.demand.add(daily)
        days.update(daily["date_local"])
        _note_outliers(daily, prepared)
        on_progress("aggregating", done)
    if days:
        prepared.window = DateRange(min(days), max(days))
        prepared.gaps = sales_history.gaps(prepared.window, days)
    return prepared


def _with_days(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("date_local").dt.truncate("1d"))


def _with_item_codes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(invoice_lines.item_code(pl.col("item_id")))


def _netted(lines: pl.DataFrame, prepared: PreparedSales) -> pl.DataFrame:
    """Daily demand of invoice lines; a cancellation of nothing is rejected."""
    kept = prepared.intake.reject(invoice_lines.net_cancellations(lines), [invoice_lines.unmatched_check()])
    purchases = kept.filter(~invoice_lines.is_cancellation())
    prepared.cancelled_units += purchases.select((pl.col("units_sold") - pl.col("net_units")).sum()).item()
    return invoice_lines.daily_demand(kept)


def _distinct(records: pl.DataFrame, prepared: PreparedSales) -> pl.DataFrame:
    """Daily records as they are, the first of each item, location and day; revenue is price x units where not given."""
    kept = prepared.intake.distinct(records, sales_history.KEY)
    earned = pl.col("units_sold").cast(NUMERIC) * pl.col("price").cast(NUMERIC)
    revenue = pl.coalesce(pl.col("revenue").cast(NUMERIC), earned)
    return kept.with_columns(pl.col("date_local").dt.date(), revenue=revenue)


def _note_outliers(daily: pl.DataFrame, prepared: PreparedSales) -> None:
    found = sales_history.outliers(daily)
    prepared.outlier_count += found.height
    largest = [*prepared.largest_outliers, *found.iter_rows(named=True)]
    largest.sort(key=lambda one: (-float(one["units_sold"]) / one["usual_units"], one["item_id"], one["date_local"]))
    prepared.largest_outliers = largest[:_SHOWN_OUTLIERS]
