"""Everything that is wrong with each row of a file that a person uploads: all of it at once, where an ETL run, whose
rejects are read by machines, names the first check that a record fails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from shared.domain.imports.record_checks import Check, quoted
from shared.domain.imports.record_fields import Field, raw_name
from shared.domain.plain_text import FORMULA_STARTS


class RowStatus(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row; `field` is None where it is the row as a whole."""

    field: str | None
    code: str
    detail: str


def row_errors(frame: pl.DataFrame, checks: Sequence[Check]) -> dict[int, list[RowError]]:
    """The errors of each row that has any, by its `row_number`, in the order of the checks."""
    found: dict[int, list[RowError]] = defaultdict(list)
    marked = frame.with_columns(check.failed.alias(f"failed_{index}") for index, check in enumerate(checks))
    for index, check in enumerate(checks):
        rows = marked.filter(pl.col(f"failed_{index}")).select("row_number", reason=check.reason)
        for number, reason in rows.iter_rows():
            found[number].append(RowError(check.field, check.name, reason))
    return found


def formula_check(field: Field) -> Check:
    """A cell that a spreadsheet would run is no id and no name."""
    reason = pl.format(
        f"{field.name} '{{}}' begins with a character that makes a spreadsheet run it as a formula", quoted(field)
    )
    return Check("formula", field.name, pl.col(raw_name(field)).str.slice(0, 1).is_in(list(FORMULA_STARTS)), reason)


def length_check(field: Field, longest: int) -> Check:
    """For texts that are to be shorter than every text has to be."""
    length = pl.col(raw_name(field)).str.len_chars()
    reason = pl.format(f"{field.name} has {{}} characters, at most {longest} are allowed", length)
    return Check("format", field.name, length > longest, reason)


def whole_number_check(field: Field) -> Check:
    """The field keeps some decimals so that they can be refused."""
    reason = pl.format(f"{field.name} '{{}}' is no whole number", quoted(field))
    value = pl.col(field.name)
    return Check("format", field.name, value != value.floor(), reason)


def first_row(key: Sequence[str], where: pl.Expr | None = None) -> pl.Expr:
    """The number of the first row of each key (among the rows `where` holds), for the checks that refuse a second;
    null for a row whose key is incomplete."""
    number = pl.col("row_number") if where is None else pl.col("row_number").filter(where)
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    return pl.when(complete).then(number.min().over(key))
