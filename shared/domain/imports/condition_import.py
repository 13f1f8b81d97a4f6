"""What a file of conditions (which supplier sells which item, and how) may hold, and what becomes of an item's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from shared.domain.imports.record_checks import Check, duplicate_check, field_checks, quoted
from shared.domain.imports.record_fields import Field, FieldType
from shared.domain.imports.row_errors import RowStatus, first_row, formula_check, whole_number_check
from shared.domain.purchasing.product import Condition
from shared.domain.purchasing.supplier import MAX_LEAD_TIME_DAYS, Supplier

_LARGEST = 1_000_000_000
_ITEM = Field("item_id", required=True, identifier=True)
_SUPPLIER = Field("supplier_id", required=True, identifier=True)
_LEAD_TIME = Field("lead_time_days", FieldType.DECIMAL, scale=3, minimum=0, maximum=MAX_LEAD_TIME_DAYS)
_PACK = Field("packaging_qty", FieldType.DECIMAL, scale=3, maximum=_LARGEST)

_KEY = ("item_id", "supplier_id")

# A condition without a price cannot be ordered by; everything else has a default.
CONDITION_FIELDS = (
    _ITEM,
    _SUPPLIER,
    Field("supplier_cost", FieldType.DECIMAL, required=True, scale=2, minimum=0, maximum=_LARGEST),
    _LEAD_TIME,
    Field("moq", FieldType.DECIMAL, scale=3, minimum=0, maximum=_LARGEST),
    _PACK,
    Field("is_primary", FieldType.FLAG),
)


@dataclass(frozen=True)
class GivenCondition:
    """A row of the file; what is None stays as it is, or takes its default in a new condition."""

    row: int
    item_id: str
    supplier_id: str
    supplier_cost: Decimal
    lead_time_days: int | None = None
    moq: Decimal | None = None
    packaging_qty: Decimal | None = None
    is_primary: bool | None = None


@dataclass(frozen=True)
class ItemConditions:
    """An item's conditions after the import: all of them, those that are new or other than before, and what became of
    each row."""

    conditions: tuple[Condition, ...]
    changed: tuple[Condition, ...]
    statuses: Mapping[int, RowStatus]


def with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The parsed rows, each with the first one of its key, and the first that names a primary supplier of its item."""
    return rows.with_columns(first_row=first_row(_KEY), first_primary=first_row(_KEY[:1], where=pl.col("is_primary")))


def condition_checks(known_items: pl.Series, known_suppliers: pl.Series) -> list[Check]:
    """What every row of `with_repeats` has to pass."""
    no_item = pl.format("item_id '{}' is no product of this client; import products first", quoted(_ITEM))
    no_supplier = pl.format("supplier_id '{}' is unknown; add or import the supplier first", quoted(_SUPPLIER))
    no_pack = pl.format("packaging_qty {} is not above 0", quoted(_PACK))
    second = pl.format("row {} already makes a supplier the primary one of this item", pl.col("first_primary"))
    return [
        *field_checks(CONDITION_FIELDS),
        formula_check(_ITEM),
        formula_check(_SUPPLIER),
        whole_number_check(_LEAD_TIME),
        Check("not_positive", "packaging_qty", pl.col("packaging_qty") <= 0, no_pack),
        Check("unknown_item", "item_id", ~pl.col("item_id").is_in(known_items.implode()), no_item),
        Check("unknown_supplier", "supplier_id", ~pl.col("supplier_id").is_in(known_suppliers.implode()), no_supplier),
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
    given: Sequence[GivenCondition],
    suppliers: Mapping[str, Supplier],
    default_lead_time_days: int,
) -> ItemConditions:
    """What an item's conditions become by rows that passed the checks; all of one item.

    A row that makes its supplier the primary one takes that from whichever has it.
    """
    before = {one.supplier_id: one for one in stored}
    after = dict(before)
    for row in given:
        supplier = suppliers[row.supplier_id]
        known = before.get(row.supplier_id) or _new(row, supplier, default_lead_time_days)
        after[row.supplier_id] = _with(known, row, supplier.name)
    primary = next((row.supplier_id for row in given if row.is_primary), None)
    if primary is not None:
        after = {key: replace(one, is_primary=key == primary) for key, one in after.items()}
    changed = tuple(one for key, one in after.items() if before.get(key) != one)
    return ItemConditions(
        tuple(after.values()),
        changed,
        {row.row: _status(before.get(row.supplier_id), after[row.supplier_id]) for row in given},
    )


def _new(row: GivenCondition, supplier: Supplier, default_lead_time_days: int) -> Condition:
    lead_time_days = default_lead_time_days if supplier.lead_time_days is None else supplier.lead_time_days
    return Condition(
        row.item_id,
        row.supplier_id,
        supplier.name,
        lead_time_days,
        moq=Decimal("0.000"),
        packaging_qty=Decimal("1.000"),
        supplier_cost=row.supplier_cost,
        is_primary=False,
    )


def _with(known: Condition, row: GivenCondition, supplier_name: str) -> Condition:
    names = ("supplier_cost", "lead_time_days", "moq", "packaging_qty", "is_primary")
    values = {name: value for name in names if (value := getattr(row, name)) is not None}
    return replace(known, supplier_name=supplier_name, **values)


def _status(before: Condition | None, after: Condition) -> RowStatus:
    if before is None:
        return RowStatus.CREATED
    return RowStatus.UNCHANGED if before == after else RowStatus.UPDATED
