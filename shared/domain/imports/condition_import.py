"""What a file of conditions (which supplier sells which item, and how) may hold, and what becomes of an item's."""

from __future__ import annotations

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
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import MAX_LEAD_TIME_DAYS, Supplier

_LARGEST = 1_000_000_000
_MAX_LINE_LENGTH = 200  # as in requests
_ITEM = Field("item_id", required=True, identifier=True)
_SUPPLIER = Field("supplier_id", identifier=True)
_NUMBER = Field("external_id", identifier=True)
_LINES = (Field("supplier_sku"), Field("packaging_unit"))
_LEAD_TIME = Field("lead_time_days", FieldType.DECIMAL, scale=3, minimum=0, maximum=MAX_LEAD_TIME_DAYS)
_PACK = Field("packaging_qty", FieldType.DECIMAL, scale=3, maximum=_LARGEST)

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
    _SUPPLIER,
    _NUMBER,
    Field("supplier_cost", FieldType.DECIMAL, required=True, scale=2, minimum=0, maximum=_LARGEST),
    _LEAD_TIME,
    Field("moq", FieldType.DECIMAL, scale=3, minimum=0, maximum=_LARGEST),
    _PACK,
    Field("is_primary", FieldType.FLAG),
    *_LINES,
    Field("notes"),
)


@dataclass(frozen=True)
class ConditionRecord:
    """A record of the import; what is None stays as it is, or takes its default in a new condition."""

    row_number: int
    item_id: str
    supplier_id: str
    supplier_cost: Decimal
    lead_time_days: int | None = None
    moq: Decimal | None = None
    packaging_qty: Decimal | None = None
    is_primary: bool | None = None
    supplier_sku: str | None = None
    packaging_unit: str | None = None
    notes: str | None = None


@dataclass(frozen=True)
class ItemConditions:
    """An item's conditions after the import: all of them, those that are new or other than before, and what became of
    each record."""

    conditions: tuple[Condition, ...]
    changed: tuple[Condition, ...]
    statuses: Mapping[int, RowStatus]


def with_suppliers(rows: pl.DataFrame, suppliers: Collection[Supplier]) -> pl.DataFrame:
    """The parsed rows, with the supplier_id of the supplier that `external_id` names, where it is left out.

    `number_means` is that supplier wherever `external_id` is filled in, null where it is nobody's.
    """
    ids = {supplier.external_id: supplier.supplier_id for supplier in suppliers if supplier.external_id is not None}
    means = pl.col("external_id").replace_strict(ids, default=None, return_dtype=pl.String)
    text = pl.coalesce(raw_name(_SUPPLIER), "number_means")
    return rows.with_columns(number_means=means).with_columns(
        pl.coalesce("supplier_id", "number_means").alias("supplier_id"), text.alias(raw_name(_SUPPLIER))
    )


def with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The parsed rows, each with the first one of its key, and the first that names a primary supplier of its item."""
    return rows.with_columns(first_row=first_row(_KEY), first_primary=first_row(_KEY[:1], where=pl.col("is_primary")))


def condition_checks(item_ids: pl.Series, supplier_ids: pl.Series) -> list[Check]:
    """What every row has to pass that has its supplier and its repeats; these are the client's items and suppliers."""
    nobody = pl.lit("supplier_id and external_id are empty: one of them names the supplier")
    no_number = pl.format("external_id '{}' is no supplier's; add or import the supplier first", quoted(_NUMBER))
    other = pl.format("external_id '{}' is supplier '{}', not '{}'", quoted(_NUMBER), "number_means", quoted(_SUPPLIER))
    numbered = pl.col("external_id").is_not_null()
    no_item = pl.format("item_id '{}' is no product of this client; import products first", quoted(_ITEM))
    no_supplier = pl.format("supplier_id '{}' is unknown; add or import the supplier first", quoted(_SUPPLIER))
    no_pack = pl.format("packaging_qty {} is not above 0", quoted(_PACK))
    second = pl.format("row {} already makes a supplier the primary one of this item", pl.col("first_primary"))
    return [
        *field_checks(CONDITION_FIELDS),
        formula_check(_ITEM),
        formula_check(_SUPPLIER),
        *(length_check(field, _MAX_LINE_LENGTH) for field in _LINES),
        Check("required", "supplier_id", pl.col(raw_name(_SUPPLIER)).is_null() & ~numbered, nobody),
        Check("unknown_supplier", "external_id", numbered & pl.col("number_means").is_null(), no_number),
        Check("supplier_mismatch", "external_id", pl.col("number_means") != pl.col("supplier_id"), other),
        whole_number_check(_LEAD_TIME),
        Check("not_positive", "packaging_qty", pl.col("packaging_qty") <= 0, no_pack),
        Check("unknown_item", "item_id", ~pl.col("item_id").is_in(item_ids.implode()), no_item),
        Check("unknown_supplier", "supplier_id", ~pl.col("supplier_id").is_in(supplier_ids.implode()), no_supplier),
        Check(
            "second_primary",
            "is_primary",
            pl.col("is_primary") & (pl.col("row_number") != pl.col("first_primary")),
            second,
        ),
        duplicate_check(_KEY),
    ]


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
        supplier_cost=record.supplier_cost,
        is_primary=False,
    )


def _with(condition: Condition, record: ConditionRecord, supplier_name: str) -> Condition:
    values = {name: value for name in _TERMS if (value := getattr(record, name)) is not None}
    return replace(condition, supplier_name=supplier_name, **values)
