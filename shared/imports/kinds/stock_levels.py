"""Stock levels: the source is the full list and replaces all; only documents that differ are written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import polars as pl

from shared.domain.imports.record_checks import (
    DUPLICATE,
    Check,
    duplicate_check,
    field_checks,
    first_row,
    item_check,
    location_check,
)
from shared.domain.imports.record_fields import STOCK_FIELDS
from shared.domain.imports.source_shrinkage import refuse_shrunken
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.imports.stock_list import Unread, is_lot_column
from shared.domain.purchasing.product import StockLevel
from shared.firestore.locations import Locations
from shared.firestore.products import Products, StockLevels
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.intake import Intake
from shared.tasks.worker import OperationOutcome

_KEY = ("item_id", "location_id")
_Units = Mapping[str, Mapping[str, Decimal]]  # by item and location


def import_stock(run: ImportRun) -> OperationOutcome:
    """Compare the whole list with what is stored, then write the items that change.

    Items that the list does not name hold nothing afterwards, but for what its rejected rows may be about, which stays
    as it is. Readers see the list at once, with the catalog that the following metrics refresh publishes. Raises
    Invalid, before anything is written, for a list that is empty or has lost more than half of what the last one left.
    """
    intake = Intake(run.stream, run.folder)
    places = Spellings(Locations(run.tenant).names())
    items = Spellings(Products(run.tenant).ids())
    intake.read_all(_checks(items, places), run.progress.step, partial(spelt, item_id=items, location_id=places))
    run.progress.step("comparing")
    units_by_item, summed = _listed(intake)
    run.keep_rejects(intake)
    unread = _unread(intake, places)
    stock = StockLevels(run.tenant)
    stored = {level.item_id: level for level in stock.every()}
    if not run.begun:  # half-way, what is stored is the old list and the new one together
        refuse_shrunken(intake.counts.accepted, sum(len(level.levels) for level in stored.values()), "stock levels")
    kept, replaced = 0, {}
    for item_id in units_by_item.keys() | stored.keys():
        listed = units_by_item.get(item_id, {})
        level = stored.get(item_id, StockLevel(item_id, {}))
        unsaid = unread.kept(item_id, level.levels, listed)
        kept += len(unsaid)
        replaced[item_id] = level.replaced(listed | unsaid, run.started_at)
    changed = [level for item_id, level in sorted(replaced.items()) if level != stored.get(item_id)]
    result = {
        **run.about(intake),
        "items": len(units_by_item),
        "inserted": sum(level.item_id not in stored for level in changed),
        "updated": sum(level.item_id in stored and level.item_id in units_by_item for level in changed),
        "unchanged": len(units_by_item) - sum(level.item_id in units_by_item for level in changed),
        "emptied": sum(level.item_id not in units_by_item for level in changed),
        "kept": kept,
        "summed": summed,
    }
    return OperationOutcome(run.write(result, changed, stock.put_many), intake.counts)


def _checks(items: Spellings, places: Spellings) -> list[Check]:
    by_name = {field.name: field for field in STOCK_FIELDS}
    return [
        *field_checks(STOCK_FIELDS),
        location_check(by_name["location_id"], places),
        item_check(by_name["item_id"], pl.Series(list(items), dtype=pl.String)),
    ]


def _listed(intake: Intake) -> tuple[dict[str, dict[str, Decimal]], int]:
    """The units of each item and location, and how many rows were added to those of another lot."""
    units: dict[str, dict[str, Decimal]] = defaultdict(dict)
    rows = levels = 0
    unread = intake.rejected().select(_KEY).unique().collect()
    for records in intake.partitions():
        accepted = _without_contradictions(intake, _without_partners(intake, records, unread))
        sums = accepted.group_by(_KEY).agg(pl.col("current_stock").sum())
        rows += accepted.height
        levels += sums.height
        for item_id, location_id, stock in sums.iter_rows():
            units[item_id][location_id] = stock
    return units, rows - levels


def _without_partners(intake: Intake, records: pl.DataFrame, unread: pl.DataFrame) -> pl.DataFrame:
    """The records without those of which another lot could not be read: they say a part of what is there."""
    marked = records.join(unread.with_columns(part=pl.lit(value=True)), on=_KEY, how="left", maintain_order="left")
    message = pl.lit("another row of this item_id and location_id could not be read")
    return intake.reject(marked, [Check("incomplete", None, pl.col("part"), message)]).drop("part")


def _without_contradictions(intake: Intake, records: pl.DataFrame) -> pl.DataFrame:
    """The records that say what is at their item's location, one or several lots.

    A record that is there again in full is a duplicate. Of several that differ, and not in a column that splits stock,
    none is taken: nothing says which of them is right.
    """
    once = records.with_columns(first_row=first_row([*_KEY, "record"]))
    once = intake.reject(once, [duplicate_check(_KEY)]).drop("first_row")
    several = pl.len().over(_KEY) > 1
    lots = once.select(pl.when(several).then("record"))["record"].map_elements(_lot, pl.String, skip_nulls=True)
    marked = once.with_columns(lot=lots).with_columns(
        conflict=several & (pl.col("lot").is_null() | (pl.len().over(*_KEY, "lot") > 1)).any().over(_KEY),
        rows=pl.col("row_number").cast(pl.String).str.join(", ").over(_KEY),
    )
    message = pl.format(
        "rows {} all give the stock of this item_id and location_id, and differ: give each once, or say in a column "
        "`lot` which lots are to be added up",
        pl.col("rows"),
    )
    return intake.reject(marked, [Check("conflict", "current_stock", pl.col("conflict"), message)])


def _lot(record: str) -> str | None:
    """What splits the stock that a record is about from that of other records; None: nothing."""
    parts = {name: text for name, text in json.loads(record).items() if is_lot_column(name) and text}
    return json.dumps(parts, sort_keys=True) if parts else None


def _unread(intake: Intake, places: Spellings) -> Unread:
    """What the rejected rows may be about; what is only said twice is said."""
    known_place = pl.when(pl.col("location_id").is_in(list(places))).then("location_id")
    unsaid = intake.rejected().filter(pl.col("code") != DUPLICATE)
    return Unread.of(unsaid.select("item_id", known_place).unique().collect().iter_rows(), intake.malformed)


STOCK_LEVELS = RunKind({Aggregate.NONE: STOCK_FIELDS}, (WriteMode.REPLACE,), import_stock, rebuilds_catalog=True)
