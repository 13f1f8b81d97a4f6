"""Sales: a staging load and a MERGE into ts_demand_daily, of invoice lines before that one into sales_lines.

The same source twice changes nothing. Lines come first: a run that dies between the two leaves days that the next one
sums again, from all their lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl

from shared.bigquery import demand_queries
from shared.bigquery.demand_queries import EARLIER_DEMAND
from shared.bigquery.query import FIRST_ID, LAST_ID
from shared.bigquery.tables import DEMAND, SALES_LINES
from shared.bigquery.warehouse import MergePreview, Staging, Warehouse
from shared.domain.dates import DateRange
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, INVOICE_LINE_FIELDS
from shared.domain.imports.sales_history import MINIMUM_HISTORY_DAYS
from shared.domain.imports.spelling import Spellings
from shared.firestore.locations import Locations
from shared.firestore.products import Products
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.kinds.sales_lines import STORED_LINES
from shared.imports.kinds.sales_preparation import DEMAND_TYPES, NUMERIC, PreparedSales, SalesRecords, prepare
from shared.tasks.worker import OperationOutcome

_SHOWN_ORPHANS, _NAMED_ORPHANS = 20, 3
_ASKED_FOR = 5_000  # items that a query names; of more, all lines are read
_NOTHING = MergePreview(inserted=0, updated=0, unchanged=0, not_staged=0)


def import_sales(run: ImportRun) -> OperationOutcome:
    """Prepare, stage, compare, merge. Raises StockcastError for a source that is refused as a whole."""
    replace = run.options.mode is WriteMode.REPLACE
    sales = SalesRecords(
        stream=run.stream,
        invoice_lines=run.options.aggregate is Aggregate.INVOICE_LINES,
        today=run.today,
        items=Spellings(Products(run.tenant).ids(), learns=True),
        places=Spellings(Locations(run.tenant).names()),
        history=lambda items, first: _lines_of(run.warehouse, items, first, run.today),
        replaces=replace,
    )
    prepared = prepare(sales, run.folder, run.progress.step)
    run.keep_rejects(prepared.intake)
    run.progress.step("loading")
    window = (run.window if replace else None) or prepared.window
    if window is None:
        if replace:
            run.refuse_shrunken(prepared.intake, 0, before=0, what="sales records")
        return OperationOutcome(_result(run, prepared, _NOTHING), prepared.intake.counts)
    first_day = prepared.first_day or window.first
    staging = _stage(run, sales, prepared, pl.col("date_local") >= window.first if replace else pl.lit(value=True))
    first = window.first if replace else first_day
    preview = run.warehouse.preview(DEMAND, staging, first, window.last)
    if replace:
        stored = preview.updated + preview.unchanged + preview.not_staged
        what = f"daily records from {window.first} to {window.last}"
        run.refuse_shrunken(prepared.intake, staging.rows, stored, what)
    result = _result(run, prepared, preview)
    if not run.options.dry_run:
        result = dict(run.progress.checkpoint(result))
        run.progress.step("merging")
        _merge_lines(run, prepared)
        run.warehouse.merge(DEMAND, staging, first, window.last, replace_window=replace)
        if replace and first_day < window.first:
            _merge_earlier(run, sales, prepared, window.first)
    return OperationOutcome(result, prepared.intake.counts)


def _lines_of(
    warehouse: Warehouse, items: Collection[str] | None, first: dt.date, last: dt.date
) -> Iterator[pl.DataFrame]:
    """The kept lines of the items, or of all."""
    every = items is None or len(items) > _ASKED_FOR
    named = () if every or items is None else sorted(items)
    low, high = (named[0], named[-1]) if named else (FIRST_ID, LAST_ID)
    batches = warehouse.batches(
        demand_queries.SALES_LINES, first=first, last=last, low=low, high=high, items=named, every_item=every
    )
    wanted = None if items is None else pl.Series(list(items), dtype=pl.String).implode()
    for batch in batches:
        lines = pl.DataFrame(pl.from_arrow(batch)).rename({"sold_at": "date_local"})
        if wanted is not None:
            lines = lines.filter(pl.col("item_id").is_in(wanted))
        yield lines.select(pl.col(name).cast(type_) for name, type_ in STORED_LINES.items())


def _stage(run: ImportRun, sales: SalesRecords, prepared: PreparedSales, days: pl.Expr, part: str = "") -> Staging:
    """Load the daily demand of these days. An upsert leaves the columns alone that the source lacks; a replacement
    clears them."""
    present = sales.demand_columns
    staged = DEMAND_TYPES if run.options.mode is WriteMode.REPLACE and not part else present
    columns = [name for name in DEMAND.column_names if name in {"client_id", "run_id", *staged}]
    constants = {"client_id": pl.lit(run.tenant.client_id), "run_id": pl.lit(run.id)}
    absent = {name: pl.lit(None, dtype=DEMAND_TYPES[name]) for name in staged if name not in present}
    path = run.folder / f"demand{part}.parquet"
    prepared.demand.scan().filter(days).with_columns(**constants, **absent).select(columns).sink_parquet(path)
    with path.open("rb") as parquet:
        staging = run.warehouse.stage(DEMAND, parquet, job_id=f"{run.job_id}{part}", columns=columns)
    run.when_done.callback(run.warehouse.drop, staging)
    return staging


def _merge_earlier(run: ImportRun, sales: SalesRecords, prepared: PreparedSales, window_first: dt.date) -> None:
    """Days before the window that is replaced, on which something was bought that a return takes back."""
    earlier = _stage(run, sales, prepared, pl.col("date_local") < window_first, part="-earlier")
    run.warehouse.merge(DEMAND, earlier, prepared.first_day or window_first, window_first - dt.timedelta(days=1))


def _merge_lines(run: ImportRun, prepared: PreparedSales) -> None:
    """Keep the invoice lines, so that later files add to their days."""
    if prepared.lines is None or prepared.lines_window is None:
        return
    path = run.folder / "lines.parquet"
    rows = prepared.lines.scan().with_columns(
        client_id=pl.lit(run.tenant.client_id),
        run_id=pl.lit(run.id),
        sold_at=pl.col("date_local"),
        date_local=pl.col("date_local").dt.date(),
        units_sold=pl.col("units_sold").cast(NUMERIC),
        price=pl.col("price").cast(NUMERIC),
    )
    rows.select(SALES_LINES.column_names).sink_parquet(path)
    with path.open("rb") as parquet:
        staging = run.warehouse.stage(SALES_LINES, parquet, job_id=run.job_id)
    run.when_done.callback(run.warehouse.drop, staging)
    run.warehouse.merge(SALES_LINES, staging, prepared.lines_window.first, prepared.lines_window.last)


def _result(run: ImportRun, prepared: PreparedSales, preview: MergePreview) -> dict[str, Any]:
    """The operation's result; `inserted` to `deleted` count daily records, on a dry run those that it would change."""
    deleted = preview.not_staged if run.options.mode is WriteMode.REPLACE else 0
    orphans = {"count": len(prepared.orphans), "examples": sorted(prepared.orphans)[:_SHOWN_ORPHANS]}
    return {
        **run.about(prepared.intake),
        "aggregate": (run.options.aggregate or Aggregate.NONE).value,
        "daily_records": prepared.demand.rows,
        "inserted": preview.inserted,
        "updated": preview.updated,
        "unchanged": preview.unchanged,
        "deleted": deleted,
        "from_date": prepared.window and prepared.window.first.isoformat(),
        "to_date": prepared.window and prepared.window.last.isoformat(),
        "returned_units": float(prepared.returned_units),
        "summed": prepared.summed,
        "outliers": prepared.outlier_count,
        "largest_outliers": [_plain(outlier) for outlier in prepared.largest_outliers],
        "orphans": orphans,
        "gaps": [{"from_date": gap.first.isoformat(), "to_date": gap.last.isoformat()} for gap in prepared.gaps],
        "warnings": _warnings(run, prepared, orphans),
    }


def _plain(outlier: dict[str, Any]) -> dict[str, Any]:
    return outlier | {"date_local": outlier["date_local"].isoformat(), "units_sold": float(outlier["units_sold"])}


def orphan_warnings(orphans: Mapping[str, Any]) -> list[str]:
    """What to say of sales of no product; `orphans` as the result has them. Of a sync, of all its windows together."""
    if not orphans["count"]:
        return []
    shown = ", ".join(repr(item) for item in orphans["examples"][:_NAMED_ORPHANS])
    return [
        f"{orphans['count']} item ids are no product of this client, such as {shown}: their sales are kept, and shown "
        "once there is such a product"
    ]


def _warnings(run: ImportRun, prepared: PreparedSales, orphans: Mapping[str, Any]) -> list[str]:
    """Too short a history is a warning, no refusal: it does no harm where it is, and the next days may follow. So it is
    none of a window that others follow."""
    warnings = [] if run.part else orphan_warnings(orphans)
    if prepared.window is None:
        read = prepared.intake.counts.read
        return [f"none of the {read} records could be accepted; see the rejects"] if read else []
    if run.window is not None and run.window.last < run.today:
        return warnings
    (earlier,) = run.warehouse.rows(EARLIER_DEMAND, first=prepared.window.first)
    history = DateRange(earlier.first_day or prepared.window.first, prepared.window.last)
    if history.days < MINIMUM_HISTORY_DAYS:
        warnings.append(f"there are {history.days} days of history; a forecast needs at least {MINIMUM_HISTORY_DAYS}")
    return warnings


SALES_HISTORY = RunKind(
    fields={Aggregate.NONE: DAILY_SALES_FIELDS, Aggregate.INVOICE_LINES: INVOICE_LINE_FIELDS},
    modes=(WriteMode.UPSERT, WriteMode.REPLACE),
    work=import_sales,
    rebuilds_catalog=False,  # every refresh reads demand anew
)
