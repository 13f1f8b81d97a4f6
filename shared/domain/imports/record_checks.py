"""Checks that decide whether a record is kept, and the reason that a rejected one carries.

A check is an expression over the parsed columns of a batch. The first check that a record fails is its reason: one
reject per record, so accepted + rejected = read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from shared.domain.imports.record_fields import MAX_TEXT_LENGTH, Field, FieldType, raw_name

# What str.isprintable refuses: control, format, private and unassigned characters, and separators but the blank.
_UNPRINTABLE = r"[\p{C}[\p{Z}--\x20]]"
_EARLIEST_DAY = dt.date(1990, 1, 1)
_QUOTED_LENGTH = 80

REJECT_COLUMNS = ("row_number", "check", "field", "reason", "record")


@dataclass(frozen=True)
class Check:
    """`failed` is true where a record breaks the rule (null counts as kept); `reason` is a sentence for people."""

    name: str
    field: str | None
    failed: pl.Expr
    reason: pl.Expr


def quoted(field: Field) -> pl.Expr:
    """The text that the source gave for a field, cut to what fits a reason."""
    return pl.col(raw_name(field)).str.slice(0, _QUOTED_LENGTH).fill_null("")


def field_checks(fields: Sequence[Field]) -> list[Check]:
    """What each field's own declaration asks for: presence, length, printable text, a readable value, its range."""
    checks: list[Check] = []
    for field in fields:
        raw, value = pl.col(raw_name(field)), pl.col(field.name)
        if field.required:
            checks.append(Check("required", field.name, raw.is_null(), pl.lit(f"{field.name} is empty")))
        if field.type is FieldType.TEXT:
            too_long = pl.format(
                f"{field.name} has {{}} characters, at most {MAX_TEXT_LENGTH} are allowed", raw.str.len_chars()
            )
            checks.append(Check("format", field.name, raw.str.len_chars() > MAX_TEXT_LENGTH, too_long))
            unprintable = pl.format(f"{field.name} '{{}}' holds a character that cannot be printed", quoted(field))
            checks.append(Check("format", field.name, value.str.contains(_UNPRINTABLE), unprintable))
            continue
        unreadable = pl.format(f"{field.name} '{{}}' is no {_EXPECTED[field.type]}", quoted(field))
        checks.append(Check("format", field.name, raw.is_not_null() & value.is_null(), unreadable))
        if field.minimum is not None:
            low = pl.format(f"{field.name} {{}} is below {field.minimum}", quoted(field))
            name = "negative" if field.minimum == 0 else "range"
            checks.append(Check(name, field.name, value < field.minimum, low))
        if field.maximum is not None:
            high = pl.format(f"{field.name} {{}} is above {field.maximum}", quoted(field))
            checks.append(Check("range", field.name, value > field.maximum, high))
    return checks


_EXPECTED = {
    FieldType.DECIMAL: "number (digits with an optional point, such as 1234.5)",
    FieldType.DATE_TIME: "date (YYYY-MM-DD, optionally with THH:MM:SS)",
    FieldType.FLAG: "flag (true or false)",
}


def date_check(field: Field, today: dt.date) -> Check:
    """A day between 1990 and the client's business date: sales are not known ahead of time."""
    day = pl.col(field.name).dt.date()
    reason = pl.format(
        f"{field.name} {{}} is not between {_EARLIEST_DAY} and the business date {today}", day.cast(pl.String)
    )
    return Check("date_range", field.name, (day > today) | (day < _EARLIEST_DAY), reason)


def location_check(field: Field, known_locations: Collection[str]) -> Check:
    """A record of a location that the client does not have is an orphan."""
    known = pl.Series(list(known_locations), dtype=pl.String).implode()
    shown = ", ".join(sorted(known_locations)[:10]) or "none yet"
    reason = pl.format(f"{field.name} '{{}}' is unknown; known locations: {{}}", quoted(field), pl.lit(shown))
    return Check("orphan", field.name, ~pl.col(field.name).is_in(known), reason)


def item_check(field: Field, known_items: pl.Series) -> Check:
    """A record of an item that is no product of the client is an orphan."""
    reason = pl.format(f"{field.name} '{{}}' is no product of this client; import products first", quoted(field))
    return Check("orphan", field.name, ~pl.col(field.name).is_in(known_items.implode()), reason)


def duplicate_check(key: Sequence[str]) -> Check:
    """All but the first record of a key; expects a column `first_row` with the row number of the first."""
    reason = pl.format(f"row {{}} already gives this {', '.join(key)}", pl.col("first_row"))
    return Check("duplicate", None, pl.col("row_number") != pl.col("first_row"), reason)


def split(frame: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(accepted, rejects): the records that pass every check, and REJECT_COLUMNS of the others.

    `frame` has `row_number` and `record` (the source record as JSON) beside what the checks read.
    """
    failed = pl.coalesce(pl.when(check.failed).then(index) for index, check in enumerate(checks))
    marked = frame.with_columns(failed.alias("failed_check"))
    accepted = marked.filter(pl.col("failed_check").is_null()).drop("failed_check")
    rejected = marked.filter(pl.col("failed_check").is_not_null())
    parts = [
        part.select(
            "row_number",
            pl.lit(check.name).alias("check"),
            pl.lit(check.field, dtype=pl.String).alias("field"),
            check.reason.alias("reason"),
            "record",
        )
        for index, check in enumerate(checks)
        if (part := rejected.filter(pl.col("failed_check") == index)).height
    ]
    return accepted, pl.concat(parts) if parts else empty_rejects()


def empty_rejects() -> pl.DataFrame:
    """No rejects, with the columns and types of `split`."""
    return pl.DataFrame(schema={"row_number": pl.Int64, **dict.fromkeys(REJECT_COLUMNS[1:], pl.String)})
