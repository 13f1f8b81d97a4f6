"""Suppliers that are kept here; those that the client's own system keeps are not touched.

A small change is one transaction with the catalog's table of suppliers. A larger one is written in several, and a
rebuild of the catalog follows. Both are upserts: the same source again changes nothing, and finishes what a killed
request left, the copies of names in conditions and the rebuild included (unfinished_imports.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
    with_repeats,
)
from shared.domain.purchasing.supplier import Supplier, SupplierIsSynced, name_key, number_key, unique_keys
from shared.domain.unique_name import unique_name
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.firestore.versioned import Versioned
from shared.imports.direct_import import DirectImport, DirectKind, WriteOutcome, write_before_rebuild

_EDITED_AT_ONCE = 100  # suppliers in one transaction, each with up to four writes of its names and numbers
_WRITING_AT_ONCE = 4  # of these transactions
_SHOWN_AT_ONCE = 5000  # suppliers that edits show: a request reads each edit, of 100 of them, once
_LOOKED_UP = 1000  # beyond this many, reading all of them is quicker than asking for each
_NAMING = ("supplier_id", "external_id", "name")
_MARK = "suppliers"

Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class StoredSuppliers:
    """Suppliers by id, and whose each name and number (supplier.unique_keys) is."""

    by_id: Mapping[str, Supplier]
    holders: Mapping[str, str]


def stored_suppliers(tenant: Tenant, rows: pl.DataFrame) -> StoredSuppliers:
    """The suppliers that the rows name in any way, and who has the names and numbers that they give; everybody when
    the rows name many."""
    suppliers = Suppliers(tenant)
    texts = {name: rows[name].drop_nulls().unique() for name in _NAMING if name in rows.columns}
    if max(map(len, texts.values())) > _LOOKED_UP:
        everybody = {supplier.supplier_id: supplier for supplier in suppliers.every()}
        return StoredSuppliers(everybody, _holders(everybody.values()))
    named = suppliers.get_many(texts["supplier_id"])
    own = _holders(named.values())
    keys = {number_key(text) for text in texts["external_id"]} | {name_key(text) for text in texts.get("name", ())}
    holders = own | suppliers.holders(sorted(keys - own.keys()))
    return StoredSuppliers(named | suppliers.get_many(sorted(set(holders.values()) - named.keys())), holders)


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
    names = [None if name is None else unique_name(name) for name in rows["name"]]
    for text, supplier_id, number, name in rows.select(raw_name(SUPPLIER_ID), *_NAMING).iter_rows():
        if text is not None:
            supplier_ids.append(supplier_id)
            shown.append(text)
            continue
        keys = [*([number_key(number)] if number else ()), *([name_key(name)] if name else ())]
        means = _named(stored, number, keys)
        kept = means
        if means is None and keys:
            means = next((made[key] for key in keys if key in made), None) or _new_id(job, keys[0])
            made |= dict.fromkeys(keys, means)
            kept = None if job.dry_run else means
        supplier_ids.append(means)
        shown.append(kept)
    holder_of = stored.holders.get
    return with_repeats(
        rows.with_columns(
            pl.Series("supplier_id", supplier_ids, dtype=pl.String),
            pl.Series(raw_name(SUPPLIER_ID), shown, dtype=pl.String),
            pl.Series("unique_name", names, dtype=pl.String),
            pl.Series("name_holder", [name and holder_of(name_key(name)) for name in rows["name"]], dtype=pl.String),
            pl.Series(
                "number_holder", [text and holder_of(number_key(text)) for text in rows["external_id"]], dtype=pl.String
            ),
        )
    )


def _named(stored: StoredSuppliers, number: str | None, keys: Sequence[str]) -> str | None:
    """The stored supplier with this number, else the one of this name if no other number is known of it."""
    holders = [holder for key in keys if (holder := stored.holders.get(key)) is not None]
    first = next(iter(holders), None)
    return first if first is None or number is None or stored.by_id[first].external_id in (None, number) else None


def _new_id(job: DirectImport, key: str) -> str:
    return uuid5(NAMESPACE_OID, f"{job.id}/{key}").hex


def _holders(suppliers: Iterable[Supplier]) -> dict[str, str]:
    return {key: supplier.supplier_id for supplier in suppliers for key in unique_keys(supplier)}


def _checks(stored: StoredSuppliers) -> list[Check]:
    synced = [supplier.supplier_id for supplier in stored.by_id.values() if supplier.is_synced]
    return supplier_checks(pl.Series(synced, dtype=pl.String))


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
