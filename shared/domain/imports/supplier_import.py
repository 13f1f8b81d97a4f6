"""What a file of suppliers may hold, and what becomes of a supplier that it names, by whoever keeps it: the client
here, or its own system.

A row finds its supplier by supplier_id, else by external_id, else by name. One that finds none adds a supplier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
from shared.domain.imports.written_numbers import Measure
from shared.domain.purchasing.supplier import (
    EMAIL,
    MAX_LEAD_TIME_DAYS,
    MAX_ORDER_VALUE,
    MAX_SUPPLIER_ID_LENGTH,
    OWN_FIELDS,
    Supplier,
)

_MAX_LINE_LENGTH = 200  # as in requests
SUPPLIER_ID = Field("supplier_id", identifier=True, example="BUG-FIX", meaning="The supplier's id here.")
SUPPLIER_NUMBER = Field(
    "external_id", identifier=True, example="70001", meaning="The supplier's number in your own system."
)
_NAME = Field("name", required=True, example="Bug & Fix", meaning="Its name.")
_EMAIL = Field("contact_email", example="orders@bugfix.example", meaning="Where orders are sent.")
_LINES = (
    Field("contact_name", example="Ann Smith", meaning="Whom to ask."),
    Field("contact_phone", example="020 7946 0001", meaning="The telephone."),
    Field("supplier_type", example="wholesaler", meaning="What kind of supplier it is."),
    Field("payment_terms", example="30 days net", meaning="When it is paid."),
)
LEAD_TIME = Field(
    "lead_time_days",
    FieldType.DECIMAL,
    scale=3,
    minimum=0,
    maximum=MAX_LEAD_TIME_DAYS,
    measure=Measure.DAYS,
    example="14",
    meaning="Days from order to receipt.",
)
_LEAST_ORDER = Field(
    "minimum_order_value",
    FieldType.DECIMAL,
    scale=2,
    minimum=0,
    maximum=MAX_ORDER_VALUE,
    measure=Measure.MONEY,
    example="250.00",
    meaning="The least that it takes an order for.",
)

_KEY = ("supplier_id",)

SUPPLIER_FIELDS = (
    SUPPLIER_ID,
    SUPPLIER_NUMBER,
    _NAME,
    _LINES[0],
    _EMAIL,
    *_LINES[1:],
    Field("address", example="1 High Street", meaning="Street and number."),
    LEAD_TIME,
    _LEAST_ORDER,
    Field("notes", example="closed in August", meaning="Anything else."),
)


def with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The parsed rows, each with the first one of its supplier, of its number and of its name.

    Expects `unique_name`: the name as supplier.unique_keys compares it.
    """
    return rows.with_columns(
        first_row=first_row(_KEY), first_number=first_row(("external_id",)), first_name=first_row(("unique_name",))
    )


def synced_supplier_check(synced: pl.Series) -> Check:
    """A row of one of these suppliers, which the client's own system keeps."""
    message = pl.format("supplier '{}' is kept by your own system: change it there", pl.col("supplier_id"))
    return Check("supplier_is_synced", "supplier_id", pl.col("supplier_id").is_in(synced.implode()), message)


def app_managed_supplier_checks(here: pl.Series) -> list[Check]:
    """A row of one of these suppliers, which the client keeps here, or with the number or the name of one.

    Expects `number_holder` and `name_holder`: which stored supplier has the row's number or name, null for none.
    """
    return [
        Check(
            "app_managed",
            field,
            pl.col(holder).is_in(here.implode()),
            pl.format("supplier '{}' is maintained here: change it here, or delete it first", pl.col(holder)),
        )
        for field, holder in (
            ("supplier_id", "supplier_id"),
            ("external_id", "number_holder"),
            ("name", "name_holder"),
        )
    ]


def supplier_checks() -> list[Check]:
    """What every row has to pass by itself: what a request could set."""
    no_email = pl.format("contact_email '{}' is no email address, such as orders@example.com", quoted(_EMAIL))
    return [
        *field_checks(SUPPLIER_FIELDS),
        length_check(SUPPLIER_ID, MAX_SUPPLIER_ID_LENGTH),
        *(length_check(field, _MAX_LINE_LENGTH) for field in (SUPPLIER_NUMBER, _NAME, _EMAIL, *_LINES)),
        formula_check(SUPPLIER_ID),
        formula_check(SUPPLIER_NUMBER),
        formula_check(_NAME),
        Check("format", "contact_email", ~pl.col(raw_name(_EMAIL)).str.contains(EMAIL), no_email),
        whole_number_check(LEAD_TIME),
    ]


def supplier_repeat_checks() -> list[Check]:
    """What every row of `with_repeats` has to pass beside the others, and beside what is stored.

    Expects `number_holder` and `name_holder`: which stored supplier has the row's number or name, null for none.
    """
    return [
        duplicate_check(_KEY),
        *_unique("external_id", "external_id", "number"),
        *_unique("supplier_name", "name", "name"),
    ]


def _unique(code: str, field: str, what: str) -> list[Check]:
    holder, first = pl.col(f"{what}_holder"), pl.col(f"first_{what}")
    text = pl.col(field).str.slice(0, 80)
    taken = pl.format(f"supplier '{{}}' has the {field} '{{}}' already: give another one", holder, text)
    again = pl.format(f"row {{}} gives the {field} '{{}}' to another supplier already", first, text)
    # A second row of the same supplier is its own reject.
    second = (pl.col("row_number") != first) & (pl.col("row_number") == pl.col("first_row"))
    return [
        Check(f"{code}_taken", field, holder != pl.col("supplier_id"), taken),
        Check(f"{code}_taken", field, second, again),
    ]


def synced_supplier(stored: Supplier | None, record: Mapping[str, Any]) -> Supplier:
    """The supplier after the client's own system has sent this record; what it leaves blank stays.

    Of a supplier that there is already OWN_FIELDS stay too: they may be changed here.
    """
    if stored is not None:
        record = {name: None if name in OWN_FIELDS else value for name, value in record.items()}
    return replace(imported_supplier(stored, record), is_synced=True)


def imported_supplier(stored: Supplier | None, record: Mapping[str, Any]) -> Supplier:
    """The supplier after an import of this record; what the record leaves blank stays as it is."""
    values = {field.name: record[field.name] for field in SUPPLIER_FIELDS if record[field.name] is not None}
    if "lead_time_days" in values:
        values["lead_time_days"] = int(values["lead_time_days"])
    if stored is None:
        return Supplier(**values)
    return replace(stored, **values)
