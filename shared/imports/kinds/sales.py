"""Sales: one staging load and one MERGE into ts_demand_daily; the same source twice changes nothing."""

from __future__ import annotations

from typing import Any

import polars as pl

from shared.bigquery.demand_queries import EARLIER_DEMAND
from shared.bigquery.tables import DEMAND
from shared.bigquery.warehouse import MergePreview, Staging
from shared.domain.dates import DateRange
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, INVOICE_LINE_FIELDS
from shared.domain.imports.sales_history import MINIMUM_HISTORY_DAYS
from shared.domain.imports.spelling import Spellings
from shared.firestore.locations import Locations
from shared.firestore.products import Products
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.kinds.sales_preparation import DEMAND_TYPES, PreparedSales, SalesRecords, prepare
from shared.tasks.worker import OperationOutcome

_SHOWN_ORPHANS, _NAMED_ORPHANS = 20, 3
_NOTHING = MergePreview(inserted=0, updated=0, unchanged=0, not_staged=0)


def import_sales(run: ImportRun) -> OperationOutcome:
    """Prepare, stage, compare, merge. Raises StockcastError for a source that is refused as a whole."""
    sales = SalesRecords(
        stream=run.stream,
        invoice_lines=run.options.aggregate is Aggregate.INVOICE_LINES,
        today=run.today,
        items=Spellings(Products(run.tenant).ids(), learns=True),
        places=Spellings(Locations(run.tenant).names()),
    )
    prepared = prepare(sales, run.folder, run.progress.step)
    run.keep_rejects(prepared.intake)
    run.progress.step("loading")
    replace = run.options.mode is WriteMode.REPLACE
    if prepared.window is None:
        if replace:
            run.refuse_shrunken(prepared.intake, 0, before=0, what="sales records")
        return OperationOutcome(_result(run, prepared, _NOTHING), prepared.intake.counts)
    staging = _stage(run, sales, prepared)
    run.when_done.callback(run.warehouse.drop, staging)
    window = prepared.window
    preview = run.warehouse.preview(DEMAND, staging, window.first, window.last)
    if replace:
        stored = preview.updated + preview.unchanged + preview.not_staged
        what = f"daily records from {window.first} to {window.last}"
        run.refuse_shrunken(prepared.intake, staging.rows, stored, what)
    result = _result(run, prepared, preview)
    if not run.options.dry_run:
        result = dict(run.progress.checkpoint(result))
        run.progress.step("merging")
        run.warehouse.merge(DEMAND, staging, window.first, window.last, replace_window=replace)
    return OperationOutcome(result, prepared.intake.counts)


def _stage(run: ImportRun, sales: SalesRecords, prepared: PreparedSales) -> Staging:
    """Load the daily demand. An upsert leaves the columns alone that the source lacks; a replacement clears them."""
    present = sales.demand_columns
    staged = DEMAND_TYPES if run.options.mode is WriteMode.REPLACE else present
    columns = [name for name in DEMAND.column_names if name in {"client_id", "run_id", *staged}]
    constants = {"client_id": pl.lit(run.tenant.client_id), "run_id": pl.lit(run.id)}
    absent = {name: pl.lit(None, dtype=DEMAND_TYPES[name]) for name in staged if name not in present}
    path = run.folder / "demand.parquet"
    prepared.demand.scan().with_columns(**constants, **absent).select(columns).sink_parquet(path)
    with path.open("rb") as parquet:
        return run.warehouse.stage(DEMAND, parquet, job_id=run.id, columns=columns)


def _result(run: ImportRun, prepared: PreparedSales, preview: MergePreview) -> dict[str, Any]:
    """The operation's result; `inserted` to `deleted` count daily records, on a dry run those that it would change."""
    deleted = preview.not_staged if run.options.mode is WriteMode.REPLACE else 0
    return {
        **run.about(prepared.intake),
        "daily_records": prepared.demand.rows,
        "inserted": preview.inserted,
        "updated": preview.updated,
        "unchanged": preview.unchanged,
        "deleted": deleted,
        "from_date": prepared.window and prepared.window.first.isoformat(),
        "to_date": prepared.window and prepared.window.last.isoformat(),
        "cancelled_units": float(prepared.cancelled_units),
        "outliers": prepared.outlier_count,
        "largest_outliers": [_plain(outlier) for outlier in prepared.largest_outliers],
        "orphans": {"count": len(prepared.orphans), "examples": sorted(prepared.orphans)[:_SHOWN_ORPHANS]},
        "gaps": [{"from_date": gap.first.isoformat(), "to_date": gap.last.isoformat()} for gap in prepared.gaps],
        "warnings": _warnings(run, prepared),
    }


def _plain(outlier: dict[str, Any]) -> dict[str, Any]:
    return outlier | {"date_local": outlier["date_local"].isoformat(), "units_sold": float(outlier["units_sold"])}


def _warnings(run: ImportRun, prepared: PreparedSales) -> list[str]:
    """Too short a history is a warning, no refusal: it does no harm where it is, and the next days may follow."""
    if prepared.window is None:
        return [f"none of the {prepared.intake.counts.read} records could be accepted; see the rejects"]
    (earlier,) = run.warehouse.rows(EARLIER_DEMAND, first=prepared.window.first)
    history = DateRange(earlier.first_day or prepared.window.first, prepared.window.last)
    warnings = []
    if prepared.orphans:
        shown = ", ".join(repr(item) for item in sorted(prepared.orphans)[:_NAMED_ORPHANS])
        warnings.append(
            f"{len(prepared.orphans)} item ids are no product of this client, such as {shown}: their sales are kept, "
            "and shown once there is such a product"
        )
    if history.days < MINIMUM_HISTORY_DAYS:
        warnings.append(f"there are {history.days} days of history; a forecast needs at least {MINIMUM_HISTORY_DAYS}")
    return warnings


SALES_HISTORY = RunKind(
    fields={Aggregate.NONE: DAILY_SALES_FIELDS, Aggregate.INVOICE_LINES: INVOICE_LINE_FIELDS},
    modes=(WriteMode.UPSERT, WriteMode.REPLACE),
    work=import_sales,
    rebuilds_catalog=False,  # every refresh reads demand anew
)
