"""Stock levels: the source is the full list and replaces all; only documents that differ are written."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import polars as pl

from shared.domain.imports.record_checks import Check, field_checks, item_check, location_check
from shared.domain.imports.record_fields import STOCK_FIELDS
from shared.domain.imports.source_shrinkage import refuse_shrunken
from shared.domain.purchasing.product import StockLevel
from shared.firestore.locations import Locations
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.intake import Intake
from shared.tasks.worker import OperationOutcome

_KEY = ("item_id", "location_id")


def import_stock(run: ImportRun) -> OperationOutcome:
    """Compare the whole list with what is stored, then write the items that change.

    Items that the list does not name hold nothing afterwards. Readers see the list at once, with the catalog that the
    following metrics refresh publishes. Raises Invalid, before anything is written, for a list that is empty or has
    lost more than half of what the last one left.
    """
    intake = Intake(run.stream, run.folder)
    intake.read_all(_checks(run.tenant), run.progress.step)
    run.progress.step("comparing")
    units_by_item: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for records in intake.partitions():
        for item_id, location_id, units in intake.distinct(records, _KEY).select(*_KEY, "current_stock").iter_rows():
            units_by_item[item_id][location_id] = units
    run.keep_rejects(intake)
    stock = StockLevels(run.tenant)
    stored = {level.item_id: level for level in stock.every()}
    if not run.begun:  # half-way, what is stored is the old list and the new one together
        refuse_shrunken(intake.counts.accepted, sum(len(level.levels) for level in stored.values()), "stock levels")
    listed = {
        item_id: stored.get(item_id, StockLevel(item_id, {})).replaced(levels, run.started_at)
        for item_id, levels in units_by_item.items()
    }
    emptied = {
        item_id: level.replaced({}, run.started_at) for item_id, level in stored.items() if item_id not in listed
    }
    changed = [level for level in (listed | emptied).values() if level != stored.get(level.item_id)]
    result = {
        **run.about(intake),
        "items": len(listed),
        "inserted": sum(level.item_id not in stored for level in changed),
        "updated": sum(level.item_id in stored and level.item_id in listed for level in changed),
        "unchanged": len(listed) - sum(level.item_id in listed for level in changed),
        "emptied": sum(level.item_id in emptied for level in changed),
    }
    return OperationOutcome(run.write(result, changed, stock.put_many), intake.counts)


def _checks(tenant: Tenant) -> list[Check]:
    by_name = {field.name: field for field in STOCK_FIELDS}
    item_ids = pl.Series([product.item_id for product in Products(tenant).every()], dtype=pl.String)
    return [
        *field_checks(STOCK_FIELDS),
        location_check(by_name["location_id"], Locations(tenant).names()),
        item_check(by_name["item_id"], item_ids),
    ]


STOCK_LEVELS = RunKind({Aggregate.NONE: STOCK_FIELDS}, (WriteMode.REPLACE,), import_stock, rebuilds_catalog=True)
