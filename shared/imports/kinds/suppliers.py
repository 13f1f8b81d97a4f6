"""Suppliers that are kept here; those that the client's own system keeps are not touched.

A small change is one transaction with the catalog's table of suppliers. A larger one is written in several, and a
rebuild of the catalog follows. Both are upserts: the same source again changes nothing, and finishes what a killed
request left, the copies of names in conditions and the rebuild included (unfinished_imports.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import polars as pl

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.supplier_records import supplier_record
from shared.domain.imports.record_checks import Check
from shared.domain.imports.record_fields import raw_name
from shared.domain.imports.row_status import status_of
from shared.domain.imports.supplier_import import (
    SUPPLIER_FIELDS,
    SUPPLIER_ID,
    imported_supplier,
    supplier_checks,
    supplier_repeat_checks,
    synced_supplier_check,
)
from shared.domain.purchasing.supplier import Supplier, SupplierIsSynced
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.firestore.versioned import Versioned
from shared.imports.direct_import import DirectImport, DirectKind, WriteOutcome, write_before_rebuild
from shared.imports.kinds.supplier_lookup import (
    NAMING,
    StoredSuppliers,
    named_supplier,
    naming_keys,
    stored_suppliers,
    with_holders,
)

_EDITED_AT_ONCE = 100  # suppliers in one transaction, each with up to four writes of its names and numbers
_WRITING_AT_ONCE = 4  # of these transactions
_SHOWN_AT_ONCE = 5000  # suppliers that edits show: a request reads each edit, of 100 of them, once
_MARK = "suppliers"

Records = Mapping[str, Mapping[str, Any]]


def write_at_once(job: DirectImport, records: Records, renamed: Collection[str]) -> dict[str, Supplier]:
    """Write the suppliers of these records, from what is stored at that moment, and show them in the catalog."""
    unfinished = UnfinishedImports(job.tenant, _MARK)

    work = partial(_put_and_show, job, records)
    if not renamed:
        return edit_catalog(job.tenant, work)
    unfinished.begin(job.id)
    after = edit_catalog(job.tenant, work)
    for key in renamed:
        if key in after:
            Conditions(job.tenant).rename_supplier(key, after[key].name)
    job.tenant.transact(lambda transaction: unfinished.finish(transaction, job.id))
    return after


def _put_and_show(job: DirectImport, records: Records, edit: CatalogEdit) -> dict[str, Supplier]:
    after, before = _put(job, records, edit.transaction)
    for key, supplier in after.items():
        edit.put("suppliers", supplier_record(supplier, before.get(key)))
    return after


def _put(
    job: DirectImport, records: Records, transaction: Transaction
) -> tuple[dict[str, Supplier], dict[str, Versioned[Supplier]]]:
    """Write the suppliers of these records; they, and what was stored before."""
    suppliers = Suppliers(job.tenant)
    before = suppliers.get_versions(records, transaction)
    stored = {key: version.value for key, version in before.items()}
    synced = [key for key, supplier in stored.items() if supplier.is_synced]
    if synced:
        raise SupplierIsSynced(f"meanwhile your own system has taken over {', '.join(synced)}")
    after = {key: imported_supplier(stored.get(key), record) for key, record in records.items()}
    changed = {key: supplier for key, supplier in after.items() if supplier != stored.get(key)}
    suppliers.put_all(transaction, changed.values(), stored)
    return changed, before


def _put_many(job: DirectImport, records: Records) -> None:
    """Write the suppliers of these records in several transactions, each of which shows its own in the catalog; of
    very many, only the rebuild does."""
    keys = list(records)
    parts = [keys[start : start + _EDITED_AT_ONCE] for start in range(0, len(keys), _EDITED_AT_ONCE)]

    def write(part: Sequence[str]) -> None:
        of_part = {key: records[key] for key in part}
        if len(records) <= _SHOWN_AT_ONCE:
            edit_catalog(job.tenant, partial(_put_and_show, job, of_part))
        else:
            job.tenant.transact(partial(_put, job, of_part))

    with ThreadPoolExecutor(_WRITING_AT_ONCE) as threads:
        list(threads.map(write, parts))


def _complete(job: DirectImport, rows: pl.DataFrame, stored: StoredSuppliers) -> pl.DataFrame:
    """The rows with the supplier that each means; a new one without an id gets one, which a dry run does not show."""
    made: dict[str, str] = {}
    supplier_ids, shown = [], []
    for text, supplier_id, number, name in rows.select(raw_name(SUPPLIER_ID), *NAMING).iter_rows():
        if text is not None:
            supplier_ids.append(supplier_id)
            shown.append(text)
            continue
        keys = naming_keys(number, name)
        means = named_supplier(stored, number, keys)
        kept = means
        if means is None and keys:
            means = next((made[key] for key in keys if key in made), None) or _new_id(job, keys[0])
            made |= dict.fromkeys(keys, means)
            kept = None if job.dry_run else means
        supplier_ids.append(means)
        shown.append(kept)
    return with_holders(
        rows.with_columns(
            pl.Series("supplier_id", supplier_ids, dtype=pl.String),
            pl.Series(raw_name(SUPPLIER_ID), shown, dtype=pl.String),
        ),
        stored,
    )


def _new_id(job: DirectImport, key: str) -> str:
    return uuid5(NAMESPACE_OID, f"{job.id}/{key}").hex


def _checks(stored: StoredSuppliers) -> list[Check]:
    synced = [supplier.supplier_id for supplier in stored.by_id.values() if supplier.is_synced]
    return [*supplier_checks(), synced_supplier_check(pl.Series(synced, dtype=pl.String)), *supplier_repeat_checks()]


def _write(job: DirectImport, accepted: pl.DataFrame, stored: StoredSuppliers) -> WriteOutcome:
    before = stored.by_id
    records = {record["supplier_id"]: record for record in accepted.iter_rows(named=True)}
    after = {key: imported_supplier(before.get(key), record) for key, record in records.items()}
    changed = [key for key, supplier in after.items() if supplier != before.get(key)]
    rebuild = None
    if not job.dry_run:
        names = {key: after[key].name for key in records if key in before}
        renamed = {key: name for key, name in names.items() if before[key].name != name}
        unfinished = UnfinishedImports(job.tenant, _MARK)
        killed = unfinished.any()
        if len(changed) > _EDITED_AT_ONCE or killed:

            def write() -> None:
                _put_many(job, {key: records[key] for key in changed})
                # Which names a killed import has brought in line nobody knows.
                if outdated := names if killed else renamed:
                    Conditions(job.tenant).rename_suppliers(outdated)

            rebuild = write_before_rebuild(job, unfinished, write)
        elif changed:
            after |= write_at_once(job, {key: records[key] for key in changed}, renamed)
    statuses = {record["row_number"]: status_of(before.get(key), after[key]) for key, record in records.items()}
    return WriteOutcome(statuses, rebuild)


SUPPLIERS = DirectKind(
    fields=SUPPLIER_FIELDS,
    key=("supplier_id",),
    complete=_complete,
    look_up=stored_suppliers,
    checks=_checks,
    write=_write,
)
