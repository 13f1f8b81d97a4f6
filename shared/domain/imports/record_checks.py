"""Checks that decide whether a record is taken, and the reasons that a rejected one carries.

A check is an expression over the parsed columns of a batch. What a caller makes of the failures is its own affair: a
run over millions of records keeps the first of each record (accepted + rejected = read), a file that a person has just
uploaded is answered with all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.domain.imports.record_fields import EXACT, MAX_TEXT_LENGTH, Field, FieldType, exact_name, raw_name
from shared.domain.imports.total_rows import IS_TOTAL, TOTAL_ROW
from shared.domain.plain_text import FORMULA_STARTS, RELATIVE_SEGMENTS

# What str.isprintable refuses: control, format, private and unassigned characters, and separators but the blank.
_UNPRINTABLE = r"[\p{C}[\p{Z}--\x20]]"
# And what is_printable refuses: joiners may stand between letters, though not alone.
_UNPRINTABLE_TEXT = r"[[\p{C}--[\x{200C}\x{200D}]][\p{Z}--\x20]]|^[\x{200C}\x{200D}]+$"
_EARLIEST_DAY = dt.date(1990, 1, 1)
_QUOTED_LENGTH = 80


@dataclass(frozen=True)
class Check:
    """`failed` is true where a record breaks the rule (null counts as kept); `message` is a sentence for people."""

    code: str
    field: str | pl.Expr | None
    failed: pl.Expr
    message: pl.Expr


@dataclass(frozen=True)
class Reject:
    """One reason why a record is not taken. `field` is None where it is the record as a whole.

    `row_number` is the row of a spreadsheet (the header is 1; a CSV row may span several lines), in a source without
    a header the number of the record, from 1. `field` is the target field, whichever column it is read from.
    """

    row_number: int
    field: str | None
    code: str
    message: str


# Rejects of a batch, as a frame; beside the fields of `Reject` the source's record as JSON, null where it is not kept.
REJECT_SCHEMA: Mapping[str, Any] = {
    "row_number": pl.Int64,
    "field": pl.String,
    "code": pl.String,
    "message": pl.String,
    "record": pl.String,
}
DUPLICATE = "duplicate"  # the code of a record that says what another one has said
MALFORMED = "malformed"  # the code of a row that does not fit the header, and so has no fields to check


def check_records(records: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(accepted, rejects): the records that pass every check, and REJECT_SCHEMA of every failure of the others.

    `records` has `row_number` and `record` beside what the checks read. Both results keep the order of the records,
    the rejects one check after the other.
    """
    marks = [f"failed_{index}" for index in range(len(checks))]
    marked = records.with_columns(
        check.failed.fill_null(value=False).alias(mark) for mark, check in zip(marks, checks, strict=True)
    )
    failed = pl.any_horizontal(marks)
    failures = marked.filter(failed)
    parts = [
        part.select(
            "row_number",
            (check.field if isinstance(check.field, pl.Expr) else pl.lit(check.field, dtype=pl.String)).alias("field"),
            pl.lit(check.code).alias("code"),
            check.message.alias("message"),
            "record",
        )
        for mark, check in zip(marks, checks, strict=True)
        if (part := failures.filter(mark)).height
    ]
    return marked.filter(~failed).drop(marks), pl.concat([no_rejects(), *parts])


def first_of_each_record(rejects: pl.DataFrame) -> pl.DataFrame:
    """The rejects of `check_records`, of each record the first alone."""
    return rejects.unique("row_number", keep="first", maintain_order=True)


def no_rejects() -> pl.DataFrame:
    """An empty frame of REJECT_SCHEMA."""
    return pl.DataFrame(schema=dict(REJECT_SCHEMA))


def rejects_by_row(rejects: pl.DataFrame) -> dict[int, list[Reject]]:
    """The rejects of each row that has any, in their order."""
    by_row: dict[int, list[Reject]] = {}
    for row_number, field, code, message in rejects.select("row_number", "field", "code", "message").iter_rows():
        by_row.setdefault(row_number, []).append(Reject(row_number, field, code, message))
    return by_row


def quoted(field: Field) -> pl.Expr:
    """The text that the source gave for a field, cut to what fits a message."""
    return pl.col(raw_name(field)).str.slice(0, _QUOTED_LENGTH).fill_null("")


UNREAD_FIELD, UNREAD_KIND = "unread_field", "unread_kind"


def cell_check() -> Check:
    """A spreadsheet's cell that gives its field no value; expects UNREAD_FIELD and UNREAD_KIND, null where all do."""
    message = pl.format("the cell of {} holds {}, which is no value of it", pl.col(UNREAD_FIELD), pl.col(UNREAD_KIND))
    return Check("unreadable_cell", pl.col(UNREAD_FIELD), pl.col(UNREAD_FIELD).is_not_null(), message)


def total_check() -> Check:
    """A row that adds up others; expects IS_TOTAL."""
    return Check(TOTAL_ROW, None, pl.col(IS_TOTAL), pl.lit("the row is a total of others, no record"))


def field_checks(fields: Sequence[Field]) -> list[Check]:
    """What each field's own declaration asks for: presence, length, printable text, a readable value, its range; an id
    has to be one that an address can name."""
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
            pattern = _UNPRINTABLE if field.identifier else _UNPRINTABLE_TEXT
            checks.append(Check("format", field.name, value.str.contains(pattern), unprintable))
            if field.identifier:
                no_address = pl.format(f"{field.name} '{{}}' cannot be part of an address", quoted(field))
                checks.append(Check("format", field.name, value.is_in(list(RELATIVE_SEGMENTS)), no_address))
            continue
        unreadable = pl.format(f"{field.name} '{{}}' is no {_EXPECTED[field.type]}", quoted(field))
        checks.append(Check("format", field.name, raw.is_not_null() & value.is_null(), unreadable))
        if field.precise:
            exact = pl.col(exact_name(field))
            lost = (exact - value.cast(EXACT)).abs()
            rounded = pl.format(f"{field.name} {{}} has more than {field.scale} decimals", quoted(field))
            checks.append(Check("precision", field.name, (lost > 0) & (lost * 200 >= exact.abs()), rounded))
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
    message = pl.format(
        f"{field.name} {{}} is not between {_EARLIEST_DAY} and the business date {today}", day.cast(pl.String)
    )
    return Check("date_range", field.name, (day > today) | (day < _EARLIEST_DAY), message)


def location_check(field: Field, location_ids: Collection[str]) -> Check:
    """A record of a location that the client does not have is an orphan."""
    shown = ", ".join(sorted(location_ids)[:10]) or "none yet"
    message = pl.format(f"{field.name} '{{}}' is unknown; known locations: {{}}", quoted(field), pl.lit(shown))
    allowed = pl.Series(list(location_ids), dtype=pl.String).implode()
    return Check("orphan", field.name, ~pl.col(field.name).is_in(allowed), message)


def item_check(field: Field, item_ids: pl.Series) -> Check:
    """A record of an item that is no product of the client is an orphan."""
    message = pl.format(f"{field.name} '{{}}' is no product of this client; import products first", quoted(field))
    return Check("orphan", field.name, ~pl.col(field.name).is_in(item_ids.implode()), message)


def duplicate_check(key: Sequence[str]) -> Check:
    """All but the first record of a key; expects a column `first_row` with the row number of the first."""
    message = pl.format(f"row {{}} already gives this {', '.join(key)}", pl.col("first_row"))
    return Check(DUPLICATE, None, pl.col("row_number") != pl.col("first_row"), message)


def formula_check(field: Field) -> Check:
    """A cell that a spreadsheet would run is no id and no name."""
    message = pl.format(
        f"{field.name} '{{}}' begins with a character that makes a spreadsheet run it as a formula", quoted(field)
    )
    return Check("formula", field.name, pl.col(raw_name(field)).str.slice(0, 1).is_in(list(FORMULA_STARTS)), message)


def length_check(field: Field, longest: int) -> Check:
    """For a text whose limit is below the one that `field_checks` applies to all."""
    length = pl.col(raw_name(field)).str.len_chars()
    message = pl.format(f"{field.name} has {{}} characters, at most {longest} are allowed", length)
    return Check("format", field.name, length > longest, message)


def whole_number_check(field: Field) -> Check:
    """The field keeps some decimals so that they can be refused."""
    message = pl.format(f"{field.name} '{{}}' is no whole number", quoted(field))
    value = pl.col(field.name)
    return Check("format", field.name, value != value.floor(), message)


def first_row(key: Sequence[str], where: pl.Expr | None = None) -> pl.Expr:
    """The number of the first row of each key (among the rows `where` holds), for the checks that refuse a second;
    null for a row whose key is incomplete."""
    number = pl.col("row_number") if where is None else pl.col("row_number").filter(where)
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    return pl.when(complete).then(number.min().over(key))
