"""Conditions: which supplier sells which product, and how.

The items of a small change are edited like one by hand: documents and catalog rows in one transaction. A larger one is
written in batches, and a rebuild of the catalog follows; who edits one of its items by hand at the same moment may be
overwritten. Both are upserts: the same source again changes nothing, and finishes what a killed request left, the
rebuild included (unfinished_imports.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import polars as pl

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import current_catalog
from shared.domain.access.audit import AuditAction
from shared.domain.errors import NotFound
from shared.domain.imports.condition_import import (
    CONDITION_FIELDS,
    ConditionRecord,
    ItemConditions,
    condition_checks,
    imported_conditions,
    records_by_item,
    with_repeats,
    with_suppliers,
)
from shared.domain.imports.record_checks import Check
from shared.domain.imports.row_status import RowStatus
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier, SupplierDeleted
from shared.firestore.audit import AuditLog
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.direct_import import DirectImport, DirectKind, WriteOutcome, write_before_rebuild
from shared.imports.kinds.supplier_lookup import stored_suppliers

_EDITED_AT_ONCE = 50  # items in one transaction, with
_CHANGED_AT_ONCE = 200  # conditions; Firestore takes 500 writes
_LOOKED_UP = 3000  # beyond this many records, reading all conditions is quicker than asking for each
_AUDITED = 100  # changed conditions that the audit log holds with all their fields
_MARK = "product-suppliers"


@dataclass(frozen=True)
class _Named:
    """What the rows name and the client has: all of its items that may be meant, and suppliers by id."""

    item_ids: pl.Series
    suppliers: Mapping[str, Supplier]


@dataclass(frozen=True)
class _Records:
    """The accepted records by item, and what they are completed from."""

    by_item: Mapping[str, Sequence[ConditionRecord]]
    suppliers: Mapping[str, Supplier]
    default_lead_time_days: int

    def applied(self, stored: Mapping[str, Sequence[Condition]]) -> dict[str, ItemConditions]:
        """What becomes of each item."""
        return {
            item_id: imported_conditions(stored.get(item_id, ()), records, self.suppliers, self.default_lead_time_days)
            for item_id, records in self.by_item.items()
        }


def _look_up(tenant: Tenant, rows: pl.DataFrame) -> _Named:
    return _Named(_item_ids(tenant, rows["item_id"]), stored_suppliers(tenant, rows).by_id)


def _complete(_: DirectImport, rows: pl.DataFrame, named: _Named) -> pl.DataFrame:
    return with_repeats(with_suppliers(rows, named.suppliers.values()))


def _checks(named: _Named) -> list[Check]:
    return condition_checks(named.item_ids, pl.Series(list(named.suppliers), dtype=pl.String))


def _write(job: DirectImport, accepted: pl.DataFrame, named: _Named) -> WriteOutcome:
    settings = SettingsStore(job.tenant).get().value
    records = _Records(records_by_item(accepted), named.suppliers, settings.default_lead_time_days)
    items = records.applied(_stored(job.tenant, records.by_item))
    rebuild = None
    if not job.dry_run:
        changed = {item_id: len(item.changed) for item_id, item in items.items() if item.changed}
        many = len(changed) > _EDITED_AT_ONCE or sum(changed.values()) > _CHANGED_AT_ONCE
        unfinished = UnfinishedImports(job.tenant, _MARK)
        if many or unfinished.any():
            rebuild = write_before_rebuild(
                job,
                unfinished,
                lambda: Conditions(job.tenant).put_many(_changed(items)),
                lambda transaction: _audit(job, transaction, items),
            )
        elif changed:
            by_item = {item_id: records.by_item[item_id] for item_id in changed}
            items |= _write_at_once(job, replace(records, by_item=by_item))
    statuses = {row: status for item in items.values() for row, status in item.statuses.items()}
    return WriteOutcome(statuses, rebuild)


def _write_at_once(job: DirectImport, records: _Records) -> dict[str, ItemConditions]:
    """Write the conditions of these items with their catalog rows, from what is stored at that moment."""
    conditions = Conditions(job.tenant)
    item_ids = list(records.by_item)
    supplier_ids = {record.supplier_id for record in chain.from_iterable(records.by_item.values())}

    def work(edit: CatalogEdit) -> dict[str, ItemConditions]:
        edit.load(*item_ids)
        suppliers = Suppliers(job.tenant).get_many(sorted(supplier_ids), edit.transaction)
        if len(suppliers) < len(supplier_ids):
            gone = ", ".join(repr(supplier_id) for supplier_id in sorted(supplier_ids - suppliers.keys()))
            raise SupplierDeleted(f"meanwhile someone has deleted supplier {gone}; import the file again")
        items = replace(records, suppliers=suppliers).applied(conditions.of_items(item_ids))
        for item_id, item in items.items():
            for condition in item.changed:
                conditions.put(edit.transaction, condition)
            edit.set_conditions(item_id, item.conditions)
        _audit(job, edit.transaction, items)
        return items

    return edit_catalog(job.tenant, work)


def _audit(job: DirectImport, transaction: Transaction, items: Mapping[str, ItemConditions]) -> None:
    statuses = [status for item in items.values() for status in item.statuses.values()]
    changed = _changed(items)
    after = {
        "created": statuses.count(RowStatus.CREATED),
        "updated": statuses.count(RowStatus.UPDATED),
        "conditions": [vars(condition) for condition in changed[:_AUDITED]],
        "not_shown": max(len(changed) - _AUDITED, 0),
    }
    AuditLog(job.tenant, job.config).add(transaction, job.actor, AuditAction.CONDITIONS_IMPORTED, job.id, after=after)


def _changed(items: Mapping[str, ItemConditions]) -> list[Condition]:
    return [condition for item in items.values() for condition in item.changed]


def _stored(tenant: Tenant, by_item: Mapping[str, Sequence[ConditionRecord]]) -> Mapping[str, Sequence[Condition]]:
    """The conditions that the records name, and all of an item's where a record makes another supplier primary."""
    conditions = Conditions(tenant)
    records = list(chain.from_iterable(by_item.values()))
    if len(records) > _LOOKED_UP:
        return conditions.by_item()
    stored = conditions.get_many((record.item_id, record.supplier_id) for record in records)
    grouped: dict[str, list[Condition]] = defaultdict(list)
    for (item_id, _), condition in stored.items():
        grouped[item_id].append(condition)
    primary = {(record.item_id, record.supplier_id) for record in records if record.is_primary}
    primary -= {key for key, condition in stored.items() if condition.is_primary}
    return grouped | conditions.of_items(sorted({item_id for item_id, _ in primary}))


def _item_ids(tenant: Tenant, column: pl.Series) -> pl.Series:
    """The client's items: all of its catalog, and those in the column that have a document and no row there yet."""
    item_ids = column.drop_nulls().unique()
    try:
        listed = current_catalog(tenant).items.frame["item_id"]
    except NotFound:
        listed = pl.Series("item_id", [], dtype=pl.String)
    others = item_ids.filter(~item_ids.is_in(listed.implode()))
    return pl.concat([listed, pl.Series("item_id", sorted(Products(tenant).existing_ids(others)), dtype=pl.String)])


CONDITIONS = DirectKind(
    fields=CONDITION_FIELDS,
    key=("item_id", "supplier_id"),
    complete=_complete,
    look_up=_look_up,
    checks=_checks,
    write=_write,
)
