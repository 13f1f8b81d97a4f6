"""Links of products and suppliers that the client's own system keeps; those that are kept here are not touched."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.domain.imports.condition_import import (
    LINK_FIELDS,
    app_managed_link_checks,
    link_checks,
    records_by_item,
    repeat_checks,
    synced_conditions,
    with_links,
    with_repeats,
    with_suppliers,
)
from shared.domain.imports.row_status import RowStatus
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.purchasing.product import Condition
from shared.firestore.conditions import Conditions
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from shared.firestore.transaction import Transaction
from shared.imports.guarded_writes import Change, write_changes
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.intake import Intake
from shared.imports.kinds.supplier_lookup import every_supplier
from shared.tasks.worker import OperationOutcome

_LinkChange = Change[tuple[str, str], Condition]


def import_links(run: ImportRun) -> OperationOutcome:
    """Compare every record with the link that it names, then write those that change."""
    intake = Intake(run.stream, run.folder)
    items = Spellings(Products(run.tenant).ids())
    suppliers = every_supplier(run.tenant).by_id
    checks = link_checks(pl.Series(list(items), dtype=pl.String), pl.Series(list(suppliers), dtype=pl.String))

    def complete(records: pl.DataFrame) -> pl.DataFrame:
        return with_suppliers(spelt(records, item_id=items), suppliers.values())

    intake.read_all(checks, run.progress.step, complete)
    run.progress.step("comparing")
    default_lead_time_days = SettingsStore(run.tenant).get().value.default_lead_time_days
    stored = Conditions(run.tenant).by_item()
    links = {(link.item_id, link.supplier_id): link for of_item in stored.values() for link in of_item}
    changes: list[_LinkChange] = []
    inserted = updated = 0
    for partition in intake.partitions():
        rows = with_links(with_repeats(partition), links)
        accepted = intake.reject(rows, [*app_managed_link_checks(), *repeat_checks()])
        for item_id, records in records_by_item(accepted).items():
            item = synced_conditions(stored.get(item_id, ()), records, suppliers, default_lead_time_days)
            for link in item.changed:
                key = link.item_id, link.supplier_id
                changes.append(Change(key, links.get(key), link))
            statuses = list(item.statuses.values())
            inserted += statuses.count(RowStatus.CREATED)
            updated += statuses.count(RowStatus.UPDATED)
    run.keep_rejects(intake)
    result = {
        **run.about(intake),
        "inserted": inserted,
        "updated": updated,
        "unchanged": intake.counts.accepted - inserted - updated,
    }
    return OperationOutcome(run.write(result, changes, lambda some: _write(run, some)), intake.counts)


def _write(run: ImportRun, changes: Sequence[_LinkChange]) -> None:
    conditions = Conditions(run.tenant)

    def put(transaction: Transaction, after: Sequence[Condition], _: object) -> None:
        for link in after:
            conditions.put(transaction, link)

    write_changes(run.tenant, changes, conditions.get_many, put)


PRODUCT_SUPPLIERS = RunKind({Aggregate.NONE: LINK_FIELDS}, (WriteMode.UPSERT,), import_links, rebuilds_catalog=True)
