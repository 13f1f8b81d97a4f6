"""What a file of conditions (which supplier sells which item, and how) may hold, and what becomes of an item's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from shared.domain.imports.record_checks import (
    Check,
    duplicate_check,
    field_checks,
    first_row,
    formula_check,
    length_check,
    quoted,
    whole_number_check,
)
from shared.domain.imports.record_fields import Field, FieldType, raw_name
from shared.domain.imports.row_status import RowStatus, status_of
from shared.domain.imports.supplier_import import LEAD_TIME, SUPPLIER_ID, SUPPLIER_NUMBER
from shared.domain.imports.written_numbers import Measure
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import Supplier
from shared.domain.unique_name import unique_name

_LARGEST = 1_000_000_000
_MAX_LINE_LENGTH = 200  # as in requests
_ITEM = Field("item_id", required=True, identifier=True, example="TEA-250", meaning="Your number of the product.")
_SUPPLIER_NAME = Field(
    "supplier_name", example="Bug & Fix", meaning="The supplier's name, where it has no id in the file."
)
_LINES = (
    Field("supplier_sku", example="AS-250", meaning="The supplier's number of the product."),
    Field("packaging_unit", example="box", meaning="What a package is called."),
)
_PACK = Field(
    "packaging_qty",
    FieldType.DECIMAL,
    scale=3,
    maximum=_LARGEST,
    measure=Measure.UNITS,
    example="6",
    meaning="Units in a package.",
)

_TERMS = (
    "supplier_cost",
    "lead_time_days",
    "moq",
    "packaging_qty",
    "is_primary",
    "supplier_sku",
    "packaging_unit",
    "notes",
)
_KEY = ("item_id", "supplier_id")

# A condition without a price cannot be ordered by; everything else has a default.
CONDITION_FIELDS = (
    _ITEM,
    SUPPLIER_ID,
    SUPPLIER_NUMBER,
    Field(
        "supplier_cost",
        FieldType.DECIMAL,
        required=True,
        scale=4,
        minimum=0,
        maximum=_LARGEST,
        precise=True,
        measure=Measure.MONEY,
        example="2.85",
        meaning="What a unit costs from this supplier.",
    ),
    LEAD_TIME,
    Field(
        "moq",
        FieldType.DECIMAL,
        scale=3,
        minimum=0,
        maximum=_LARGEST,
        measure=Measure.UNITS,
        example="12",
        meaning="The least units that it sells.",
    ),
    _PACK,
    Field("is_primary", FieldType.FLAG, example="yes", meaning="Whether the product is bought there first."),
    *_LINES,
    Field("notes", example="closed in August", meaning="Anything else."),
)

# As the client's own system links suppliers to products: by the supplier's name too, and without a price where the
# link is known.
LINK_FIELDS = (
    *(replace(field, required=field is _ITEM) for field in CONDITION_FIELDS),
    _SUPPLIER_NAME,
)
# What a system changes of a link that it has brought; MOQ and lead time belong to who plans.
_SYNCED_TERMS = ("supplier_cost", "packaging_qty", "supplier_sku", "packaging_unit", "is_primary")


@dataclass(frozen=True)
class ConditionRecord:
    """A record of the import; what is None stays as it is, or takes its default in a new condition."""

    row_number: int
    item_id: str
    supplier_id: str
    supplier_cost: Decimal | None
    lead_time_days: int | None = None
    moq: Decimal | None = None
    packaging_qty: Decimal | None = None
    is_primary: bool | None = None
    supplier_sku: str | None = None
    packaging_unit: str | None = None
    notes: str | None = None


_RECORD = tuple(ConditionRecord.__dataclass_fields__)


@dataclass(frozen=True)
class ItemConditions:
    """An item's conditions after the import: all of them, those that are new or other than before, and what became of
    each record."""

    conditions: tuple[Condition, ...]
    changed: tuple[Condition, ...]
    statuses: Mapping[int, RowStatus]


def with_suppliers(rows: pl.DataFrame, suppliers: Collection[Supplier]) -> pl.DataFrame:
    """The parsed rows, with the supplier_id of the supplier that `external_id` names, where it is left out; else of
    the one that `supplier_name` does, in rows that have it.

    `number_means` is the supplier wherever `external_id` is filled in, null where it is nobody's.
    """
    ids = {supplier.external_id: supplier.supplier_id for supplier in suppliers if supplier.external_id is not None}
    means = pl.col("external_id").replace_strict(ids, default=None, return_dtype=pl.String)
    named = pl.lit(None, dtype=pl.String)
    if _SUPPLIER_NAME.name in rows.columns:
        by_name = {unique_name(supplier.name): supplier.supplier_id for supplier in suppliers}
        texts = rows[_SUPPLIER_NAME.name].drop_nulls().unique()
        by_text = {text: by_name.get(unique_name(text)) for text in texts}
        nameless = pl.col("external_id").is_null()
        named = pl.when(nameless).then(
            pl.col(_SUPPLIER_NAME.name).replace_strict(by_text, default=None, return_dtype=pl.String)
        )
    text = pl.coalesce(raw_name(SUPPLIER_ID), "number_means", "name_means")
    return rows.with_columns(number_means=means, name_means=named).with_columns(
        pl.coalesce("supplier_id", "number_means", "name_means").alias("supplier_id"), text.alias(raw_name(SUPPLIER_ID))
    )


def with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The parsed rows, each with the first one of its key, and the first that names a primary supplier of its item."""
    return rows.with_columns(first_row=first_row(_KEY), first_primary=first_row(_KEY[:1], where=pl.col("is_primary")))


def link_checks(item_ids: pl.Series, supplier_ids: pl.Series) -> list[Check]:
    """What every row of LINK_FIELDS has to pass by itself that has its supplier; these are the client's items and
    suppliers."""
    named = pl.col(raw_name(_SUPPLIER_NAME)).is_not_null()
    nobody = pl.lit("supplier_id, external_id and supplier_name are empty: one of them names the supplier")
    no_name = pl.format("supplier_name '{}' is no supplier's; add or import the supplier first", quoted(_SUPPLIER_NAME))
    nameless = pl.col(raw_name(SUPPLIER_ID)).is_null() & pl.col("external_id").is_null()
    return [
        *field_checks(LINK_FIELDS),
        Check("unknown_supplier", "supplier_name", nameless & named, no_name),
        Check("required", "supplier_id", nameless & ~named, nobody),
        *_row_checks(item_ids, supplier_ids),
    ]


def condition_checks(item_ids: pl.Series, supplier_ids: pl.Series) -> list[Check]:
    """What every row has to pass that has its supplier and its repeats; these are the client's items and suppliers."""
    nobody = pl.lit("supplier_id and external_id are empty: one of them names the supplier")
    nameless = pl.col(raw_name(SUPPLIER_ID)).is_null() & pl.col("external_id").is_null()
    return [
        *field_checks(CONDITION_FIELDS),
        Check("required", "supplier_id", nameless, nobody),
        *_row_checks(item_ids, supplier_ids),
        *repeat_checks(),
    ]


def _row_checks(item_ids: pl.Series, supplier_ids: pl.Series) -> list[Check]:
    no_number = pl.format(
        "external_id '{}' is no supplier's; add or import the supplier first", quoted(SUPPLIER_NUMBER)
    )
    other = pl.format(
        "external_id '{}' is supplier '{}', not '{}'", quoted(SUPPLIER_NUMBER), "number_means", quoted(SUPPLIER_ID)
    )
    numbered = pl.col("external_id").is_not_null()
    no_item = pl.format("item_id '{}' is no product of this client; import products first", quoted(_ITEM))
    no_supplier = pl.format("supplier_id '{}' is unknown; add or import the supplier first", quoted(SUPPLIER_ID))
    no_pack = pl.format("packaging_qty {} is not above 0", quoted(_PACK))
    return [
        formula_check(_ITEM),
        formula_check(SUPPLIER_ID),
        *(length_check(field, _MAX_LINE_LENGTH) for field in _LINES),
        Check("unknown_supplier", "external_id", numbered & pl.col("number_means").is_null(), no_number),
        Check("supplier_mismatch", "external_id", pl.col("number_means") != pl.col("supplier_id"), other),
        whole_number_check(LEAD_TIME),
        Check("not_positive", "packaging_qty", pl.col("packaging_qty") <= 0, no_pack),
        Check("unknown_item", "item_id", ~pl.col("item_id").is_in(item_ids.implode()), no_item),
        Check("unknown_supplier", "supplier_id", ~pl.col("supplier_id").is_in(supplier_ids.implode()), no_supplier),
    ]


def repeat_checks() -> list[Check]:
    """What every row of `with_repeats` has to pass beside the others."""
    second = pl.format("row {} already makes a supplier the primary one of this item", pl.col("first_primary"))
    return [
        Check(
            "second_primary",
            "is_primary",
            pl.col("is_primary") & (pl.col("row_number") != pl.col("first_primary")),
            second,
        ),
        duplicate_check(_KEY),
    ]


def records_by_item(accepted: pl.DataFrame) -> dict[str, list[ConditionRecord]]:
    """The rows that passed the checks, by item, in their order."""
    by_item: dict[str, list[ConditionRecord]] = defaultdict(list)
    for row in accepted.select(_RECORD).iter_rows(named=True):
        lead_time = row["lead_time_days"]
        record = ConditionRecord(**row | {"lead_time_days": None if lead_time is None else int(lead_time)})
        by_item[record.item_id].append(record)
    return by_item


def app_managed_link_checks() -> list[Check]:
    """What a row has to pass beside the stored links: it is of one that the client's own system has brought, or of a
    new one, which then has a price. Expects `link`: `is_synced` of the stored one, null for none."""
    here = pl.format(
        "the link of supplier '{}' to this item is maintained here: change it here, or remove it first",
        pl.col("supplier_id"),
    )
    no_price = pl.lit("supplier_cost is empty: a new link needs one")
    return [
        Check("app_managed", None, ~pl.col("link"), here),
        Check("required", "supplier_cost", pl.col("link").is_null() & pl.col("supplier_cost").is_null(), no_price),
    ]


def with_links(rows: pl.DataFrame, stored: Mapping[tuple[str, str], Condition]) -> pl.DataFrame:
    """The rows with `link`, which `app_managed_link_checks` expects; `stored` by item and supplier."""
    keys = rows.select(_KEY).iter_rows()
    links = [None if (link := stored.get(key)) is None else link.is_synced for key in keys]
    return rows.with_columns(link=pl.Series(links, dtype=pl.Boolean))


def synced_conditions(
    stored: Sequence[Condition],
    records: Sequence[ConditionRecord],
    suppliers: Mapping[str, Supplier],
    default_lead_time_days: int,
) -> ItemConditions:
    """What an item's conditions become by records of the client's own system that passed the checks.

    New links are synced ones; of a synced one that there is already what belongs to who plans stays. No other link is
    touched: where the client has made one of its own the primary one, it stays that.
    """
    before = {condition.supplier_id: condition for condition in stored}
    after = dict(before)
    for record in records:
        supplier = suppliers[record.supplier_id]
        link = before.get(record.supplier_id)
        if link is None:
            new = _with(_new(record, supplier, default_lead_time_days), record, supplier.name)
            after[record.supplier_id] = replace(new, is_synced=True)
        else:
            values = {name: value for name in _SYNCED_TERMS if (value := getattr(record, name)) is not None}
            after[record.supplier_id] = replace(link, supplier_name=supplier.name, **values)
    named = next((record.supplier_id for record in records if record.is_primary), None)
    chosen_here = any(condition.is_primary and not condition.is_synced for condition in stored)
    if chosen_here or named is not None:
        primary = None if chosen_here else named
        after = {
            key: replace(condition, is_primary=key == primary) if condition.is_synced else condition
            for key, condition in after.items()
        }
    return _item_conditions(before, after, records)


def imported_conditions(
    stored: Sequence[Condition],
    records: Sequence[ConditionRecord],
    suppliers: Mapping[str, Supplier],
    default_lead_time_days: int,
) -> ItemConditions:
    """What an item's conditions become by records that passed the checks; all of one item.

    A record that makes its supplier the primary one takes that from whichever has it.
    """
    before = {condition.supplier_id: condition for condition in stored}
    after = dict(before)
    for record in records:
        supplier = suppliers[record.supplier_id]
        condition = before.get(record.supplier_id) or _new(record, supplier, default_lead_time_days)
        after[record.supplier_id] = _with(condition, record, supplier.name)
    primary = next((record.supplier_id for record in records if record.is_primary), None)
    if primary is not None:
        after = {key: replace(condition, is_primary=key == primary) for key, condition in after.items()}
    return _item_conditions(before, after, records)


def _item_conditions(
    before: Mapping[str, Condition], after: Mapping[str, Condition], records: Sequence[ConditionRecord]
) -> ItemConditions:
    changed = tuple(condition for key, condition in after.items() if before.get(key) != condition)
    return ItemConditions(
        tuple(after.values()),
        changed,
        {record.row_number: status_of(before.get(record.supplier_id), after[record.supplier_id]) for record in records},
    )


def _new(record: ConditionRecord, supplier: Supplier, default_lead_time_days: int) -> Condition:
    lead_time_days = default_lead_time_days if supplier.lead_time_days is None else supplier.lead_time_days
    return Condition(
        record.item_id,
        record.supplier_id,
        supplier.name,
        lead_time_days,
        moq=Decimal("0.000"),
        packaging_qty=Decimal("1.000"),
        supplier_cost=record.supplier_cost or Decimal("0.0000"),
        is_primary=False,
    )


def _with(condition: Condition, record: ConditionRecord, supplier_name: str) -> Condition:
    values = {name: value for name in _TERMS if (value := getattr(record, name)) is not None}
    return replace(condition, supplier_name=supplier_name, **values)
