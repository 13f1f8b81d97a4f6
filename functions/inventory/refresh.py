"""The metrics refresh: read what is known, compute every metric, keep it in BigQuery, publish the catalog.

Usually products, stock and conditions come from the last snapshot with its edits, a handful of reads; a rebuild reads
their documents. Nothing is visible before the pointer flips at the end, so a refresh may be killed anywhere and rerun.
"""

from __future__ import annotations

import datetime as dt
import io

import polars as pl

from shared.bigquery.tables import ALL_LOCATIONS, METRICS
from shared.bigquery.warehouse import Warehouse
from shared.catalog.edit import recompute_items
from shared.catalog.evaluation import refreshed_rows
from shared.catalog.live import catalog_or_none
from shared.catalog.publication.base_rows import rows_from_catalog, rows_from_documents
from shared.catalog.publication.demand_inputs import read_demand
from shared.catalog.publication.earlier_headlines import earlier_headlines
from shared.catalog.publication.side_tables import side_tables
from shared.catalog.publication.snapshot import NewSnapshot, written_pointer
from shared.catalog.schema import ROW_SCHEMA
from shared.catalog.store import CatalogStore
from shared.catalog.valuation import COST
from shared.config import Config
from shared.domain.operation import Operation
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.tasks.worker import OperationOutcome, Reporter

_STEPS = 5
_HISTORY_DAYS = 730


def refresh(
    config: Config, tenant: Tenant, operation: Operation, reporter: Reporter, now: dt.datetime
) -> OperationOutcome:
    """Compute and publish all metrics as of the client's today."""
    store = CatalogStore(tenant)
    begun = store.pointer()
    catalog = None if operation.parameters.get("rebuild") else catalog_or_none(tenant)
    settings = SettingsStore(tenant).get().value
    as_of = Clients(database(config)).get(tenant.client_id).today(now)

    reporter.step("reading products and stock", 0, _STEPS)
    base = rows_from_catalog(catalog) if catalog else rows_from_documents(tenant, settings)
    reporter.step("reading demand and forecast", 1, _STEPS)
    run = ForecastRuns(tenant).latest()
    warehouse = Warehouse(config, tenant.client_id)
    demand = read_demand(warehouse, run, as_of - dt.timedelta(days=_HISTORY_DAYS), as_of - dt.timedelta(days=1))
    earlier = earlier_headlines(warehouse, as_of)
    reporter.step("computing", 2, _STEPS)
    rows = demand.completed(base, settings)
    profiles = demand.profiles_for(rows)
    del demand  # its curves are in the profiles now, and half as large as those
    rows, levels = refreshed_rows(rows, profiles, settings, as_of)
    run_id = run.run_id if run else None

    reporter.step("writing inventory_metrics", 3, _STEPS)
    changed = 0
    if not rows.is_empty():
        job_id = f"{operation.id}-{operation.attempt}"
        changed = _write_metrics(warehouse, _metrics(rows, tenant.client_id, run_id, now), as_of, job_id)
    reporter.step("publishing", 4, _STEPS)
    snapshot = NewSnapshot(
        rows,
        profiles,
        side_tables(tenant, catalog, as_of),
        settings,
        levels,
        run,
        earlier,
        as_of,
        computed_at=now,
        read_time=begun.read_time,
        base_version=catalog.pointer.version if catalog else None,
    )
    published = store.publish(written_pointer(store, snapshot), merged=begun.edits)
    if published:
        _recompute_later_edits(tenant, store)
    return OperationOutcome(
        {
            "items": rows["location_id"].null_count(),
            "rows": rows.height,
            "metrics_rows_changed": changed,
            "as_of": as_of.isoformat(),
            "forecast_run_id": run_id,
            "published": published,
            "rebuilt": catalog is None,
        }
    )


def _metrics(rows: pl.DataFrame, client_id: str, run_id: str | None, now: dt.datetime) -> pl.DataFrame:
    """The rows with the columns of `inventory_metrics`."""
    computed = [name for name in METRICS.column_names if name in ROW_SCHEMA]
    metrics = (
        rows.with_columns(unit_cost=COST)
        .select(*computed, date=pl.col("as_of"))
        .with_columns(
            client_id=pl.lit(client_id),
            location_id=pl.col("location_id").fill_null(ALL_LOCATIONS),
            forecast_run_id=pl.lit(run_id, dtype=pl.String()),
            computed_at=pl.lit(now, dtype=pl.Datetime("us", "UTC")),
        )
    )
    return metrics.select(METRICS.column_names)


def _write_metrics(warehouse: Warehouse, metrics: pl.DataFrame, as_of: dt.date, job_id: str) -> int:
    """Keep the metrics as of their day; returns how many rows differ from what was there."""
    file = io.BytesIO()
    metrics.write_parquet(file)
    staging = warehouse.stage(METRICS, file, f"metrics-{job_id}")
    try:
        return warehouse.merge(METRICS, staging, as_of, as_of, replace_window=True)
    finally:
        warehouse.drop(staging)


def _recompute_later_edits(tenant: Tenant, store: CatalogStore) -> None:
    """Edits committed while this ran lie on top of the new snapshot, computed from the old one: compute them again."""
    edits = store.edits(store.pointer().edits)
    if edits is None:  # a newer snapshot has taken them in, and sees to the rest
        return
    recompute_items(tenant, sorted({item_id for edit in edits for item_id in edit.item_ids}))
