"""Suppliers that the client's own system keeps; those that are kept here (suppliers.py) are not touched."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_OID, uuid5

import polars as pl

from shared.domain.imports.supplier_import import (
    SUPPLIER_FIELDS,
    app_managed_supplier_checks,
    supplier_checks,
    supplier_repeat_checks,
    synced_supplier,
)
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.imports.guarded_writes import Change, write_changes
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind, upsert_report
from shared.imports.intake import Intake
from shared.imports.kinds.supplier_lookup import (
    StoredSuppliers,
    every_supplier,
    named_supplier,
    naming_keys,
    with_holders,
)
from shared.tasks.worker import OperationOutcome


def import_suppliers(run: ImportRun) -> OperationOutcome:
    """Compare every record with the supplier that it names, then write those that change."""
    intake = Intake(run.stream, run.folder, by=None)
    stored = every_supplier(run.tenant)
    intake.read_all(supplier_checks(), run.progress.step)
    run.progress.step("comparing")
    here = pl.Series([key for key, supplier in stored.by_id.items() if not supplier.is_synced], dtype=pl.String)
    checks = [*app_managed_supplier_checks(here), *supplier_repeat_checks()]
    changes: list[Change[str, Supplier]] = []
    for partition in intake.partitions():
        rows = with_holders(partition.with_columns(_meant(run, partition, stored)), stored)
        for record in intake.reject(rows, checks).iter_rows(named=True):
            before = stored.by_id.get(record["supplier_id"])
            after = synced_supplier(before, record)
            if after != before:
                changes.append(Change(after.supplier_id, before, after))
    run.keep_rejects(intake)
    result = upsert_report(run, intake, changes)
    return OperationOutcome(run.write(result, changes, lambda some: _write(run, some)), intake.counts)


def _meant(run: ImportRun, rows: pl.DataFrame, stored: StoredSuppliers) -> pl.Series:
    """The id of the supplier that each row means: the one that it gives, else that of its number or name. A new one
    gets one that is the same in every attempt."""
    made: dict[str, str] = {}
    supplier_ids = []
    for supplier_id, number, name in rows.select("supplier_id", "external_id", "name").iter_rows():
        keys = naming_keys(number, name)
        means = supplier_id or named_supplier(stored, number, keys)
        if means is None:
            means = (
                next((made[key] for key in keys if key in made), None)
                or uuid5(NAMESPACE_OID, f"{run.id}/{keys[0]}").hex
            )
            made |= dict.fromkeys(keys, means)
        supplier_ids.append(means)
    return pl.Series("supplier_id", supplier_ids, dtype=pl.String)


def _write(run: ImportRun, changes: Sequence[Change[str, Supplier]]) -> None:
    """Write the suppliers. The copies of a new name come first: an attempt that is killed in between still finds the
    old name with the supplier, and does both again."""
    names = {
        change.key: change.after.name
        for change in changes
        if change.before is not None and change.before.name != change.after.name
    }
    if names:
        Conditions(run.tenant).rename_suppliers(names)
    suppliers = Suppliers(run.tenant)
    write_changes(run.tenant, changes, suppliers.get_many, suppliers.put_all)


SYNCED_SUPPLIERS = RunKind(
    {Aggregate.NONE: SUPPLIER_FIELDS}, (WriteMode.UPSERT,), import_suppliers, rebuilds_catalog=True
)
