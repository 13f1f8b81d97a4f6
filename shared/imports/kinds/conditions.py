"""Import of conditions: which supplier sells which product, and how.

The items of a small change are edited like one by hand: documents and catalog rows in one transaction. A larger one is
written in batches, and a rebuild of the catalog follows; who edits one of its items by hand at the same moment may be
overwritten. Both are upserts: the same file again changes nothing, and finishes what a killed request left, the rebuild
included (unfinished_imports.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import current_catalog
from shared.config import Config
from shared.domain.access.audit import Actor, AuditAction
from shared.domain.errors import Conflict, NotFound
from shared.domain.imports.condition_import import (
    CONDITION_FIELDS,
    GivenCondition,
    ItemConditions,
    condition_checks,
    imported_conditions,
    with_repeats,
)
from shared.domain.imports.row_errors import RowStatus
from shared.domain.operation import Operation
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.audit import AuditLog
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.import_report import ImportMode, checked, read_file
from shared.imports.kinds.known_suppliers import known_suppliers
from shared.tasks.metrics_refresh import queue_metrics_refresh
from shared.tasks.outbox import OutboxEntry
from shared.tasks.starting import delivered

_EDITED_AT_ONCE = 50  # items in one transaction, with
_CHANGED_AT_ONCE = 200  # conditions; Firestore takes 500 writes
_LOOKED_UP = 3000  # beyond this many rows, reading all conditions is quicker than asking for each
_AUDITED = 100  # changed conditions that the audit log holds with all their fields
_KIND = "product-suppliers"


@dataclass(frozen=True)
class _Rows:
    """The accepted rows by item, and what they are completed from."""

    by_item: Mapping[str, Sequence[GivenCondition]]
    suppliers: Mapping[str, Supplier]
    default_lead_time_days: int

    def applied(self, stored: Mapping[str, Sequence[Condition]]) -> dict[str, ItemConditions]:
        """What becomes of each item."""
        return {
            item_id: imported_conditions(stored.get(item_id, ()), rows, self.suppliers, self.default_lead_time_days)
            for item_id, rows in self.by_item.items()
        }


def import_conditions(
    config: Config, tenant: Tenant, content: bytes, mode: ImportMode, actor: Actor, import_id: str, *, dry_run: bool
) -> dict[str, Any]:
    """Check the file, write what is new or different, and say what became of each row.

    Raises Invalid for a file that cannot be read, and with ALL_OR_NOTHING for one with a rejected row.
    """
    table = read_file(content, CONDITION_FIELDS, with_repeats)
    suppliers = known_suppliers(tenant, table.frame["supplier_id"])
    known_items = _known_items(tenant, table.frame["item_id"])
    checks = condition_checks(known_items, pl.Series(list(suppliers), dtype=pl.String))
    file = checked(table, checks, ("item_id", "supplier_id"))
    if mode is ImportMode.ALL_OR_NOTHING and not dry_run:
        file.refuse_rejected()
    settings, _ = SettingsStore(tenant).get()
    rows = _Rows(_by_item(file.accepted), suppliers, settings.default_lead_time_days)
    items = rows.applied(_stored(tenant, rows.by_item))
    operation = None
    if not dry_run:
        changed = {item_id: len(item.changed) for item_id, item in items.items() if item.changed}
        many = len(changed) > _EDITED_AT_ONCE or sum(changed.values()) > _CHANGED_AT_ONCE
        if many or UnfinishedImports(tenant, _KIND).any():
            operation = _write_in_batches(config, tenant, items, actor, import_id)
        elif changed:
            items |= _write_at_once(tenant, list(changed), rows, actor, import_id)
    for item in items.values():
        file.statuses.update(item.statuses)
    return file.answer(dry_run=dry_run, operation=operation)


def _write_at_once(
    tenant: Tenant, item_ids: Sequence[str], rows: _Rows, actor: Actor, import_id: str
) -> dict[str, ItemConditions]:
    """Write the changed conditions of these items with their catalog rows, from what is stored at that moment."""
    conditions = Conditions(tenant)
    by_item = {item_id: rows.by_item[item_id] for item_id in item_ids}
    named = {row.supplier_id for row in chain.from_iterable(by_item.values())}

    def work(edit: CatalogEdit) -> dict[str, ItemConditions]:
        edit.load(*item_ids)
        suppliers = Suppliers(tenant).get_many(sorted(named), edit.transaction)
        if len(suppliers) < len(named):
            gone = ", ".join(repr(one) for one in sorted(named - suppliers.keys()))
            raise Conflict("supplier_deleted", f"meanwhile someone has deleted supplier {gone}; import the file again")
        items = _Rows(by_item, suppliers, rows.default_lead_time_days).applied(conditions.of_items(item_ids))
        for item_id, item in items.items():
            for condition in item.changed:
                conditions.put(edit.transaction, condition)
            edit.set_conditions(item_id, item.conditions)
        _audit(tenant, edit.transaction, actor, import_id, items)
        return items

    return edit_catalog(tenant, work)


def _write_in_batches(
    config: Config, tenant: Tenant, items: Mapping[str, ItemConditions], actor: Actor, import_id: str
) -> Operation:
    """Write the changed conditions, then start the rebuild that brings them into the catalog."""
    unfinished = UnfinishedImports(tenant, _KIND)
    unfinished.begin(import_id)
    Conditions(tenant).put_many(list(chain.from_iterable(item.changed for item in items.values())))

    def finish(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        started = queue_metrics_refresh(tenant, actor.user_id, actor.at, rebuild=True, transaction=transaction)
        unfinished.finish(transaction, import_id)
        _audit(tenant, transaction, actor, import_id, items)
        return started

    return delivered(config, tenant.transact(finish))


def _audit(
    tenant: Tenant, transaction: Transaction, actor: Actor, import_id: str, items: Mapping[str, ItemConditions]
) -> None:
    statuses = [status for item in items.values() for status in item.statuses.values()]
    changed = list(chain.from_iterable(item.changed for item in items.values()))
    after = {
        "created": statuses.count(RowStatus.CREATED),
        "updated": statuses.count(RowStatus.UPDATED),
        "conditions": [vars(one) for one in changed[:_AUDITED]],
        "not_shown": max(len(changed) - _AUDITED, 0),
    }
    AuditLog(tenant).add(transaction, actor, AuditAction.CONDITIONS_IMPORTED, import_id, after=after)


def _by_item(accepted: pl.DataFrame) -> dict[str, list[GivenCondition]]:
    grouped: dict[str, list[GivenCondition]] = defaultdict(list)
    columns = ["row_number", *(field.name for field in CONDITION_FIELDS)]
    for row, item_id, supplier_id, cost, lead_time, moq, pack, primary in accepted.select(columns).iter_rows():
        lead_time_days = None if lead_time is None else int(lead_time)
        grouped[item_id].append(GivenCondition(row, item_id, supplier_id, cost, lead_time_days, moq, pack, primary))
    return grouped


def _stored(tenant: Tenant, by_item: Mapping[str, Sequence[GivenCondition]]) -> Mapping[str, Sequence[Condition]]:
    """The conditions that the rows name, and all of an item's where a row makes another supplier its primary one."""
    conditions = Conditions(tenant)
    rows = list(chain.from_iterable(by_item.values()))
    if len(rows) > _LOOKED_UP:
        return conditions.by_item()
    named = conditions.get_many((row.item_id, row.supplier_id) for row in rows)
    grouped: dict[str, list[Condition]] = defaultdict(list)
    for (item_id, _), condition in named.items():
        grouped[item_id].append(condition)
    fresh = {(row.item_id, row.supplier_id) for row in rows if row.is_primary}
    fresh -= {key for key, condition in named.items() if condition.is_primary}
    return grouped | conditions.of_items(sorted({item_id for item_id, _ in fresh}))


def _known_items(tenant: Tenant, wanted: pl.Series) -> pl.Series:
    """Which of these are products: by the catalog, and by their documents where it does not know them yet."""
    wanted = wanted.drop_nulls().unique()
    try:
        listed = current_catalog(tenant).items.frame["item_id"]
    except NotFound:
        listed = pl.Series("item_id", [], dtype=pl.String)
    others = wanted.filter(~wanted.is_in(listed.implode()))
    return pl.concat([listed, pl.Series("item_id", sorted(Products(tenant).existing_ids(others)), dtype=pl.String)])
