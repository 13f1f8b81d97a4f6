"""Import of stock levels: the file is the full list and replaces all; only documents that differ are written."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import polars as pl

from shared.domain.imports.record_checks import field_checks, item_check, location_check
from shared.domain.imports.source_shrinkage import refuse_shrunken
from shared.domain.purchasing.product import StockLevel
from shared.firestore.locations import Locations
from shared.firestore.products import Products, StockLevels
from shared.imports.import_run import ImportRun, keep_rejects
from shared.imports.intake import Intake
from shared.imports.record_stream import RecordStream
from shared.tasks.worker import OperationOutcome

_KEY = ("item_id", "location_id")


def import_stock(run: ImportRun) -> OperationOutcome:
    """Compare the whole list with what is stored, then write the items that change.

    Items that the list does not name hold nothing afterwards. Readers see the list at once, with the catalog that the
    following metrics refresh publishes. Raises Invalid, before anything is written, for a list that is empty or has
    lost more than half of what the last one left.
    """
    intake = Intake(_stream(run), run.folder)
    intake.read_all(run.progress.step)
    run.progress.step("comparing")
    listed: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for records in intake.partitions():
        for item_id, location_id, units in intake.distinct(records, _KEY).select(*_KEY, "current_stock").iter_rows():
            listed[item_id][location_id] = units
    keep_rejects(run, intake)
    stock = StockLevels(run.tenant)
    stored = {level.item_id: level for level in stock.every()}
    if not run.begun:  # half-way, what is stored is the old list and the new one together
        refuse_shrunken(intake.counts.accepted, sum(len(level.levels) for level in stored.values()), "stock levels")
    wanted = {item_id: StockLevel(item_id, levels) for item_id, levels in listed.items()}
    emptied = {item_id: StockLevel(item_id, {}) for item_id in stored if item_id not in wanted}
    changed = [level for level in (wanted | emptied).values() if level != stored.get(level.item_id)]
    result = {
        **run.about(intake),
        "items": len(wanted),
        "inserted": sum(level.item_id not in stored for level in changed),
        "updated": sum(level.item_id in stored and level.item_id in wanted for level in changed),
        "unchanged": len(wanted) - sum(level.item_id in wanted for level in changed),
        "emptied": sum(level.item_id in emptied for level in changed),
    }
    if not run.request.dry_run:
        result = dict(run.progress.checkpoint(result))
        run.progress.step("writing", 0, len(changed))
        stock.put_many(changed)
    return OperationOutcome(result, intake.counts)


def _stream(run: ImportRun) -> RecordStream:
    fields = run.request.fields
    by_name = {field.name: field for field in fields}
    items = pl.Series([product.item_id for product in Products(run.tenant).every()], dtype=pl.String)
    checks = [
        *field_checks(fields),
        location_check(by_name["location_id"], Locations(run.tenant).names()),
        item_check(by_name["item_id"], items),
    ]
    return RecordStream(run.source, run.bound, fields, checks, run.client.timezone)
