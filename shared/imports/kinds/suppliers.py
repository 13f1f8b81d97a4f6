"""Import of suppliers that are kept here; those that the client's own system keeps are not touched.

A small change is one transaction with the catalog's table of suppliers. A larger one is written in batches, and a
rebuild of the catalog follows. Both are upserts: the same file again changes nothing, and finishes what a killed
request left, the copies of names in conditions and the rebuild included (unfinished_imports.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.config import Config
from shared.domain.access.audit import Actor
from shared.domain.errors import Conflict
from shared.domain.imports.row_errors import RowStatus
from shared.domain.imports.supplier_import import SUPPLIER_FIELDS, imported_supplier, supplier_checks, with_repeats
from shared.domain.operation import Operation
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.unfinished_imports import UnfinishedImports
from shared.imports.import_report import ImportMode, checked, read_file
from shared.imports.kinds.known_suppliers import known_suppliers
from shared.tasks.metrics_refresh import queue_metrics_refresh
from shared.tasks.outbox import OutboxEntry
from shared.tasks.starting import delivered

_EDITED_AT_ONCE = 200  # suppliers in one transaction
_KIND = "suppliers"


def import_suppliers(
    config: Config, tenant: Tenant, content: bytes, mode: ImportMode, actor: Actor, import_id: str, *, dry_run: bool
) -> dict[str, Any]:
    """Check the file, write what is new or different, and say what became of each row.

    Raises Invalid for a file that cannot be read, and with ALL_OR_NOTHING for one with a rejected row.
    """
    table = read_file(content, SUPPLIER_FIELDS, with_repeats)
    known = known_suppliers(tenant, table.frame["supplier_id"])
    synced = pl.Series([one.supplier_id for one in known.values() if one.is_synced], dtype=pl.String)
    file = checked(table, supplier_checks(synced), ("supplier_id",))
    if mode is ImportMode.ALL_OR_NOTHING and not dry_run:
        file.refuse_rejected()
    given = {row["supplier_id"]: row for row in file.accepted.iter_rows(named=True)}
    after = {key: imported_supplier(known.get(key), row, actor.at) for key, row in given.items()}
    changed = [key for key, supplier in after.items() if supplier != known.get(key)]
    renamed = {key: after[key].name for key in given if key in known and known[key].name != after[key].name}
    operation = None
    if not dry_run:
        unfinished = UnfinishedImports(tenant, _KIND).any()
        if len(changed) > _EDITED_AT_ONCE or unfinished:
            # Whose names a killed import has brought in line cannot be told.
            names = {key: after[key].name for key in given if key in known} if unfinished else renamed
            operation = _write_in_batches(config, tenant, [after[key] for key in changed], names, actor, import_id)
        elif changed:
            after |= write_at_once(tenant, {key: given[key] for key in changed}, renamed, actor, import_id)
    file.statuses.update({row["row_number"]: _status(known.get(key), after[key]) for key, row in given.items()})
    return file.answer(dry_run=dry_run, operation=operation)


def write_at_once(
    tenant: Tenant, given: Mapping[str, Mapping[str, Any]], renamed: Collection[str], actor: Actor, import_id: str
) -> dict[str, Supplier]:
    """Write these suppliers, from what is stored at that moment, and show them in the catalog."""
    suppliers, unfinished = Suppliers(tenant), UnfinishedImports(tenant, _KIND)

    def work(edit: CatalogEdit) -> dict[str, Supplier]:
        stored = suppliers.get_many(given, edit.transaction)
        synced = [key for key, supplier in stored.items() if supplier.is_synced]
        if synced:
            raise Conflict("supplier_is_synced", f"meanwhile your own system has taken over {', '.join(synced)}")
        after = {key: imported_supplier(stored.get(key), row, actor.at) for key, row in given.items()}
        for supplier in after.values():
            suppliers.put(edit.transaction, supplier)
            edit.put("suppliers", vars(supplier))
        return after

    if not renamed:
        return edit_catalog(tenant, work)
    unfinished.begin(import_id)
    after = edit_catalog(tenant, work)
    for key in renamed:
        Conditions(tenant).rename_supplier(key, after[key].name)
    tenant.transact(lambda transaction: unfinished.finish(transaction, import_id))
    return after


def _write_in_batches(
    config: Config,
    tenant: Tenant,
    changed: Iterable[Supplier],
    names: Mapping[str, str],
    actor: Actor,
    import_id: str,
) -> Operation:
    """Write these suppliers and the copies of their `names`, then start the rebuild that shows them in the catalog."""
    unfinished = UnfinishedImports(tenant, _KIND)
    unfinished.begin(import_id)
    Suppliers(tenant).put_many(changed)
    if names:
        Conditions(tenant).rename_suppliers(names)

    def finish(transaction: Transaction) -> tuple[Operation, OutboxEntry | None]:
        started = queue_metrics_refresh(tenant, actor.user_id, actor.at, rebuild=True, transaction=transaction)
        unfinished.finish(transaction, import_id)
        return started

    return delivered(config, tenant.transact(finish))


def _status(before: Supplier | None, after: Supplier) -> RowStatus:
    if before is None:
        return RowStatus.CREATED
    return RowStatus.UNCHANGED if before == after else RowStatus.UPDATED
