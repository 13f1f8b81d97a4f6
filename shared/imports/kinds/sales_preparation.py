"""From records of sales to daily demand on disk: checked, summed or deduplicated, in constant memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from shared.domain.dates import DateRange
from shared.domain.imports import invoice_lines, sales_history
from shared.domain.imports.record_checks import (
    Check,
    date_check,
    duplicate_check,
    field_checks,
    first_row,
    location_check,
)
from shared.domain.imports.sales_history import check_length
from shared.domain.imports.spelling import Spellings, spelt
from shared.imports.intake import Intake, OnProgress
from shared.imports.kinds.sales_lines import (
    STORED_LINES,
    LineHistory,
    changed_demand,
    netted,
    no_history,
    remembered_from,
)
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

_DAY = ("item_id", "location_id", "day")
_SHOWN_OUTLIERS = 20
_PRICE_DECIMALS = 6


@dataclass(frozen=True)
class SalesRecords:
    """The records of a sales import and what they are checked against.

    `today` is the client's business date; `items` and `places` are those that it has. `history` reads the invoice lines
    of earlier imports. `replaces`: what the source says of the days that it spans is all there is of them.
    """

    stream: RecordStream
    invoice_lines: bool
    today: dt.date
    items: Spellings
    places: Spellings
    history: LineHistory = no_history
    replaces: bool = False

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
        """The records with the ids that the client has."""
        records = spelt(records, item_id=self.items, location_id=self.places)
        if not self.invoice_lines:
            return records
        each = (pl.col("revenue").cast(pl.Float64) / pl.col("units_sold").cast(pl.Float64)).round(_PRICE_DECIMALS)
        worked_out = pl.when(pl.col("units_sold") != 0).then(each.cast(STORED_LINES["price"]))
        return records.with_columns(price=pl.coalesce("price", worked_out))


@dataclass
class PreparedSales:
    """Daily demand of one source, on disk, with what its report says of it.

    `window` are the days that the source has sales of; None without any. A return changes the day of its purchase, so
    `demand`, the days to be written, may begin before the window: `first_day` is its first. `lines` are the invoice
    lines to be kept, None for daily records; `lines_window` the days that they, and those that they replace, are of.
    """

    intake: Intake
    demand: SpilledFrame
    lines: SpilledFrame | None
    window: DateRange | None = None
    first_day: dt.date | None = None
    lines_window: DateRange | None = None
    returned_units: Decimal = Decimal(0)
    summed: int = 0
    outlier_count: int = 0
    largest_outliers: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[DateRange] = field(default_factory=list)
    orphans: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Part:
    """A partition of a source: the `daily` demand to be written, among all that is known of its items, and the days
    that the source says something of."""

    daily: pl.DataFrame
    known: pl.DataFrame
    days: pl.Series


def prepare(sales: SalesRecords, folder: Path, on_progress: OnProgress) -> PreparedSales:
    """Read all records; raises UnusableFile, or Invalid when they span more days than one run may.

    `on_progress(step, done)` is told every few seconds how many records are read or partitions worked on.
    """
    columns = {name: DEMAND_TYPES[name] for name in sales.demand_columns}
    prepared = PreparedSales(
        Intake(sales.stream, folder),
        SpilledFrame(folder / "demand", columns),
        SpilledFrame(folder / "lines", dict(STORED_LINES)) if sales.invoice_lines else None,
    )
    products = frozenset(sales.items)
    prepared.intake.read_all(sales.checks, on_progress, sales.prepared)
    day = pl.col("date_local").dt.date()
    first, last = prepared.intake.scan().select(day.min().alias("first"), day.max().alias("last")).collect().row(0)
    if first is None:
        return prepared
    span = DateRange(first, last)
    check_length(span)
    parts = (
        _of_lines(sales, prepared, prepared.lines, folder, span)
        if prepared.lines is not None
        else (_of_days(records, prepared) for records in prepared.intake.partitions())
    )
    days: set[dt.date] = set()
    written: set[dt.date] = set()
    for done, part in enumerate(parts, start=1):
        prepared.demand.add(sales_history.with_calendar(part.daily))
        days.update(part.days)
        written.update(part.daily["date_local"])
        prepared.orphans.update(item for item in part.daily["item_id"].unique() if item not in products)
        _note_outliers(part, prepared)
        on_progress("aggregating", done)
    if days:
        prepared.window = DateRange(min(days), max(days))
        prepared.gaps = sales_history.gaps(prepared.window, days)
        prepared.first_day = min(days | written)
    return prepared


def _of_lines(
    sales: SalesRecords, prepared: PreparedSales, lines: SpilledFrame, folder: Path, span: DateRange
) -> Iterator[_Part]:
    """Invoice lines, summed with those of earlier imports; a return of nothing is rejected."""
    intake = prepared.intake
    items = None if sales.replaces else intake.scan().select("item_id").unique().collect()["item_id"].to_list()
    stored = intake.spill(folder / "stored", STORED_LINES)
    for frame in sales.history(items, remembered_from(span.first)):
        stored.add(frame)
    replaced = span if sales.replaces else None
    dates: set[dt.date] = set()
    for records, earlier in intake.partitions_beside(stored):
        part = netted(records, earlier, replaced)
        new = intake.reject(part.lines.filter("changed"), [invoice_lines.unmatched_check()])
        returned = new.filter(invoice_lines.is_return()).select(
            (-pl.col("units_sold") - pl.col("unmatched_units")).sum()
        )
        prepared.returned_units += returned.item()
        kept = [new.select(STORED_LINES.keys()), part.gone.select(STORED_LINES.keys())]
        for frame in kept:
            lines.add(frame)
        dates.update(*(frame["date_local"].dt.date() for frame in (*kept, part.replaced)))
        if dates:
            prepared.lines_window = DateRange(min(dates), max(dates))
        said = pl.concat([frame["date_local"] for frame in kept]).dt.date()
        yield _Part(*changed_demand(part, replaced), said)


def _of_days(records: pl.DataFrame, prepared: PreparedSales) -> _Part:
    """Daily records as they are, those of different times of a day added up; a blank revenue is price x units.

    The same day twice without a time, or the same time twice, is a duplicate: the first one is taken.
    """
    once = prepared.intake.distinct(records, sales_history.KEY)
    timed = pl.col("date_local").dt.time() != dt.time()
    by_day = once.with_columns(day=pl.col("date_local").dt.date())
    own_row = pl.when(timed.all().over(_DAY)).then("row_number").otherwise(first_row(_DAY))
    kept = prepared.intake.reject(by_day.with_columns(first_row=own_row), [duplicate_check(sales_history.KEY)])
    earned = pl.col("units_sold").cast(NUMERIC) * pl.col("price").cast(NUMERIC)
    kept = kept.with_columns(revenue=pl.coalesce(pl.col("revenue").cast(NUMERIC), earned))
    daily = kept.drop("date_local").rename({"day": "date_local"})
    if kept.select(pl.struct(_DAY).n_unique()).item() < kept.height:
        daily = _summed(kept)
        prepared.summed += kept.height - daily.height
    return _Part(daily, daily, daily["date_local"])


def _summed(sales: pl.DataFrame) -> pl.DataFrame:
    """One record a day of sales at several times of it: what a day has one of is that of its last sale."""
    return (
        sales.sort("date_local")
        .group_by(_DAY)
        .agg(
            pl.col("units_sold").sum(),
            pl.when(pl.col("revenue").null_count() == 0).then(pl.col("revenue").sum()).alias("revenue"),
            pl.col("promotion_flag", "holiday_flag", "marketing_spend").max(),
            pl.col("stock_on_date").drop_nulls().last(),
        )
        .rename({"day": "date_local"})
    )


def _note_outliers(part: _Part, prepared: PreparedSales) -> None:
    outliers = sales_history.outliers(part.known).join(part.daily, on=sales_history.KEY, how="semi")
    prepared.outlier_count += outliers.height
    prepared.largest_outliers = _largest([*prepared.largest_outliers, *outliers.iter_rows(named=True)])


def _largest(outliers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are furthest above the usual."""

    def order(outlier: dict[str, Any]) -> tuple[Any, ...]:
        return -float(outlier["units_sold"]) / outlier["usual_units"], outlier["item_id"], outlier["date_local"]

    return sorted(outliers, key=order)[:_SHOWN_OUTLIERS]
