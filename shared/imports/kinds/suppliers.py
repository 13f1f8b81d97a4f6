"""Suppliers that are kept here; those that the client's own system keeps are not touched.

A small change is one transaction with the catalog's table of suppliers. A larger one is written in batches, and a
rebuild of the catalog follows. Both are upserts: the same source again changes nothing, and finishes what a killed
request left, the copies of names in conditions and the rebuild included (unfinished_imports.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.domain.imports.record_checks import Check
from shared.domain.imports.row_status import status_of
from shared.domain.imports.supplier_import import SUPPLIER_FIELDS, imported_supplier, supplier_checks, with_repeats
from shared.domain.purchasing.supplier import Supplier, SupplierIsSynced
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.direct_import import DirectImport, DirectKind, WriteOutcome, write_before_rebuild

_EDITED_AT_ONCE = 200  # suppliers in one transaction
_LOOKED_UP = 1000  # beyond this many, reading all of them is quicker than asking for each
_MARK = "suppliers"

Records = Mapping[str, Mapping[str, Any]]


def stored_suppliers(tenant: Tenant, rows: pl.DataFrame) -> dict[str, Supplier]:
    """The suppliers that the rows name and that exist, by id; all that exist when the rows name many."""
    supplier_ids = rows["supplier_id"].drop_nulls().unique().to_list()
    if len(supplier_ids) <= _LOOKED_UP:
        return Suppliers(tenant).get_many(supplier_ids)
    return {supplier.supplier_id: supplier for supplier in Suppliers(tenant).every()}


def write_at_once(job: DirectImport, records: Records, renamed: Collection[str]) -> dict[str, Supplier]:
    """Write the suppliers of these records, from what is stored at that moment, and show them in the catalog."""
    suppliers, unfinished = Suppliers(job.tenant), UnfinishedImports(job.tenant, _MARK)

    def work(edit: CatalogEdit) -> dict[str, Supplier]:
        stored = suppliers.get_many(records, edit.transaction)
        synced = [key for key, supplier in stored.items() if supplier.is_synced]
        if synced:
            raise SupplierIsSynced(f"meanwhile your own system has taken over {', '.join(synced)}")
        after = {key: imported_supplier(stored.get(key), record, job.actor.at) for key, record in records.items()}
        for supplier in after.values():
            suppliers.put(edit.transaction, supplier)
            edit.put("suppliers", vars(supplier))
        return after

    if not renamed:
        return edit_catalog(job.tenant, work)
    unfinished.begin(job.id)
    after = edit_catalog(job.tenant, work)
    for key in renamed:
        Conditions(job.tenant).rename_supplier(key, after[key].name)
    job.tenant.transact(lambda transaction: unfinished.finish(transaction, job.id))
    return after


def _checks(stored: Mapping[str, Supplier]) -> list[Check]:
    synced = [supplier.supplier_id for supplier in stored.values() if supplier.is_synced]
    return supplier_checks(pl.Series(synced, dtype=pl.String))


def _write(job: DirectImport, accepted: pl.DataFrame, stored: Mapping[str, Supplier]) -> WriteOutcome:
    records = {record["supplier_id"]: record for record in accepted.iter_rows(named=True)}
    after = {key: imported_supplier(stored.get(key), record, job.actor.at) for key, record in records.items()}
    changed = [key for key, supplier in after.items() if supplier != stored.get(key)]
    rebuild = None
    if not job.dry_run:
        names = {key: after[key].name for key in records if key in stored}
        renamed = {key: name for key, name in names.items() if stored[key].name != name}
        unfinished = UnfinishedImports(job.tenant, _MARK)
        killed = unfinished.any()
        if len(changed) > _EDITED_AT_ONCE or killed:

            def write() -> None:
                Suppliers(job.tenant).put_many(after[key] for key in changed)
                # Which names a killed import has brought in line nobody knows.
                if outdated := names if killed else renamed:
                    Conditions(job.tenant).rename_suppliers(outdated)

            rebuild = write_before_rebuild(job, unfinished, write)
        elif changed:
            after |= write_at_once(job, {key: records[key] for key in changed}, renamed)
    statuses = {record["row_number"]: status_of(stored.get(key), after[key]) for key, record in records.items()}
    return WriteOutcome(statuses, rebuild)


SUPPLIERS = DirectKind(
    fields=SUPPLIER_FIELDS,
    key=("supplier_id",),
    complete=with_repeats,
    look_up=stored_suppliers,
    checks=_checks,
    write=_write,
)
