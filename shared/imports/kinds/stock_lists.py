"""Lists of stock: what is at each location (stock-levels), and what of it customers have ordered (committed).

The source is the full list and replaces all, or changes what it names; only documents that differ are written.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import polars as pl

from shared.domain.imports.import_errors import TooManyRejects
from shared.domain.imports.record_checks import (
    DUPLICATE,
    Check,
    duplicate_check,
    field_checks,
    first_row,
    item_check,
    location_check,
)
from shared.domain.imports.record_fields import COMMITTED_FIELDS, STOCK_FIELDS, Field
from shared.domain.imports.spelling import Spellings, spelt
from shared.domain.imports.stock_list import Unread, is_lot_column
from shared.domain.imports.total_rows import TOTAL_ROW
from shared.domain.purchasing.product import StockLevel
from shared.firestore.locations import Locations
from shared.firestore.products import Products, StockLevels
from shared.imports.import_options import Aggregate, WriteMode
from shared.imports.import_run import ImportRun, RunKind
from shared.imports.intake import MAX_REMEMBERED, Intake
from shared.tasks.worker import OperationOutcome

_KEY = ("item_id", "location_id")
_Units = Mapping[str, Mapping[str, Decimal]]  # by item and location


@dataclass(frozen=True)
class StockMeasure:
    """What a list gives of an item at a location: its `fields`, the last of which is the number of units; which units
    are stored of it, by location; and the stock after a list, from a time on."""

    what: str
    fields: Sequence[Field]
    stored: Callable[[StockLevel], Mapping[str, Decimal]]
    replaced: Callable[[StockLevel, Mapping[str, Decimal], dt.datetime], StockLevel]

    @property
    def units(self) -> str:
        """The name of the field with the number of units."""
        return self.fields[-1].name


def import_list(measure: StockMeasure, run: ImportRun) -> OperationOutcome:
    """Compare the whole list with what is stored, then write the items that change.

    Of items that a full list does not name nothing is left, but for what its rejected rows may be about, which stays
    as it is. Readers see the list at once, with the catalog that the following metrics refresh publishes. Raises
    Invalid, before anything is written, for a full list that is empty or has lost more than half of what the last one
    left, and for one of whose rejected rows there are too many to know what they are about.
    """
    intake = Intake(run.stream, run.folder, remembers=_KEY)
    places = Spellings(Locations(run.tenant).names())
    items = Spellings(Products(run.tenant).ids())
    checks = _checks(measure.fields, items, places)
    intake.read_all(checks, run.progress.step, partial(spelt, item_id=items, location_id=places))
    run.progress.step("comparing")
    units_by_item, summed = _listed(intake, measure.units)
    run.keep_rejects(intake)
    if intake.forgot and not run.options.dry_run:
        raise TooManyRejects(
            f"rejected rows of the list name more than {MAX_REMEMBERED:,} different items and locations, so that "
            "nothing says which stock is to stay as it is; the rejects say why: mend the list, or split it"
        )
    stock = StockLevels(run.tenant)
    everything = run.options.mode is WriteMode.REPLACE
    stored = {level.item_id: level for level in stock.every()}
    if everything and not run.begun:  # half-way, what is stored is the old list and the new one together
        before = sum(len(measure.stored(level)) for level in stored.values())
        run.refuse_shrunken(intake, intake.counts.accepted, before, measure.what)
    if intake.takes_nothing:  # a dry run: any other has been refused
        everything = False
    unread = _unread(intake, places)
    kept = 0
    changed: list[StockLevel] = []
    for item_id in sorted(units_by_item.keys() | stored.keys() if everything else units_by_item):
        listed = units_by_item.get(item_id, {})
        level = stored.get(item_id, StockLevel(item_id, {}))
        unsaid = measure.stored(level)
        if everything:
            unsaid = unread.kept(item_id, unsaid, listed)
            kept += len(unsaid)
        after = measure.replaced(level, {**unsaid, **listed}, run.started_at)
        if after != level:
            changed.append(after)
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


def _checks(fields: Sequence[Field], items: Spellings, places: Spellings) -> list[Check]:
    by_name = {field.name: field for field in fields}
    return [
        *field_checks(fields),
        location_check(by_name["location_id"], places),
        item_check(by_name["item_id"], pl.Series(list(items), dtype=pl.String)),
    ]


def _listed(intake: Intake, units_field: str) -> tuple[dict[str, dict[str, Decimal]], int]:
    """The units of each item and location, and how many rows were added to those of another lot."""
    units: dict[str, dict[str, Decimal]] = defaultdict(dict)
    rows = levels = 0
    unread = intake.rejected().select(_KEY).unique()
    for records in intake.partitions():
        whole = _without_partners(intake, records, unread)
        accepted = _without_contradictions(intake, whole, units_field)
        sums = accepted.group_by(_KEY).agg(pl.col(units_field).sum())
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


def _without_contradictions(intake: Intake, records: pl.DataFrame, units_field: str) -> pl.DataFrame:
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
        f"rows {{}} all give the {units_field} of this item_id and location_id, and differ: give each once, or say in "
        "a column `lot` which lots are to be added up",
        pl.col("rows"),
    )
    return intake.reject(marked, [Check("conflict", units_field, pl.col("conflict"), message)])


def _lot(record: str) -> str | None:
    """What splits the stock that a record is about from that of other records; None: nothing."""
    parts = {name: text for name, text in json.loads(record).items() if is_lot_column(name) and text}
    return json.dumps(parts, sort_keys=True) if parts else None


def _unread(intake: Intake, places: Spellings) -> Unread:
    """What the rejected rows may be about; what is only said twice is said, and a total is about nothing."""
    known_place = pl.when(pl.col("location_id").is_in(list(places))).then("location_id")
    unsaid = intake.rejected().filter(~pl.col("code").is_in([DUPLICATE, TOTAL_ROW]))
    return Unread.of(unsaid.select("item_id", known_place).unique().iter_rows(), intake.malformed)


_MODES = (WriteMode.REPLACE, WriteMode.UPSERT)
_STOCK = StockMeasure("stock levels", STOCK_FIELDS, lambda stock: stock.levels, StockLevel.replaced)
_COMMITTED = StockMeasure(
    "committed quantities", COMMITTED_FIELDS, lambda stock: stock.committed, StockLevel.with_all_committed
)

STOCK_LEVELS = RunKind({Aggregate.NONE: STOCK_FIELDS}, _MODES, partial(import_list, _STOCK), rebuilds_catalog=True)
COMMITTED = RunKind({Aggregate.NONE: COMMITTED_FIELDS}, _MODES, partial(import_list, _COMMITTED), rebuilds_catalog=True)
