"""What a file of suppliers may hold, and what becomes of a supplier that it names."""

from __future__ import annotations

import datetime as dt
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
from shared.domain.purchasing.supplier import (
    EMAIL,
    MAX_LEAD_TIME_DAYS,
    MAX_ORDER_VALUE,
    MAX_SUPPLIER_ID_LENGTH,
    Supplier,
)

_MAX_LINE_LENGTH = 200  # as in requests
_ID = Field("supplier_id", required=True, identifier=True)
_NAME = Field("name", required=True)
_EMAIL = Field("email")
_LINES = tuple(Field(name) for name in ("phone", "contact_name", "payment_terms"))
_LEAD_TIME = Field("lead_time_days", FieldType.DECIMAL, scale=3, minimum=0, maximum=MAX_LEAD_TIME_DAYS)
_LEAST_ORDER = Field("minimum_order_value", FieldType.DECIMAL, scale=2, minimum=0, maximum=MAX_ORDER_VALUE)

_KEY = ("supplier_id",)

SUPPLIER_FIELDS = (_ID, _NAME, _EMAIL, *_LINES, Field("address"), _LEAD_TIME, _LEAST_ORDER, Field("note"))


def with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The parsed rows, each with the first one of its key."""
    return rows.with_columns(first_row=first_row(_KEY))


def supplier_checks(synced: pl.Series) -> list[Check]:
    """What every row of `with_repeats` has to pass; `synced` names the suppliers that the client's own system keeps."""
    no_email = pl.format("email '{}' is no email address, such as orders@example.com", quoted(_EMAIL))
    is_synced = pl.format("supplier '{}' is kept by your own system: change it there", quoted(_ID))
    return [
        *field_checks(SUPPLIER_FIELDS),
        length_check(_ID, MAX_SUPPLIER_ID_LENGTH),
        *(length_check(field, _MAX_LINE_LENGTH) for field in (_NAME, _EMAIL, *_LINES)),
        formula_check(_ID),
        formula_check(_NAME),
        Check("format", "email", ~pl.col(raw_name(_EMAIL)).str.contains(EMAIL), no_email),
        whole_number_check(_LEAD_TIME),
        Check("supplier_is_synced", "supplier_id", pl.col("supplier_id").is_in(synced.implode()), is_synced),
        duplicate_check(_KEY),
    ]


def imported_supplier(stored: Supplier | None, record: Mapping[str, Any], now: dt.datetime) -> Supplier:
    """The supplier after an import of this record; what the record leaves blank stays as it is."""
    values = {field.name: record[field.name] for field in SUPPLIER_FIELDS if record[field.name] is not None}
    if "lead_time_days" in values:
        values["lead_time_days"] = int(values["lead_time_days"])
    if stored is None:
        return Supplier(**values, created_at=now)
    return replace(stored, **values)
