"""What became of each row of an uploaded file, as it is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from shared.domain.errors import FieldError, Invalid
from shared.domain.imports.record_checks import Check
from shared.domain.imports.record_fields import MAX_TEXT_LENGTH, Field, parse
from shared.domain.imports.row_errors import RowError, RowStatus, row_errors
from shared.domain.operation import Counts, Operation
from shared.imports.readers.csv_table import Table, read_table

_LISTED_ERRORS = 1000


class ImportMode(StrEnum):
    """What happens to the valid rows of a file that has others too."""

    ALL_OR_NOTHING = "all_or_nothing"
    ACCEPT_VALID = "accept_valid"


@dataclass(frozen=True)
class CheckedFile:
    """A file's rows: the accepted ones, typed, and what is wrong with the others. `keys` are the columns by which a
    row is shown."""

    rows: pl.DataFrame
    accepted: pl.DataFrame
    errors: Mapping[int, Sequence[RowError]]
    keys: tuple[str, ...]
    statuses: dict[int, RowStatus] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        return Counts(self.rows.height, self.accepted.height, len(self.errors))

    def refuse_rejected(self) -> None:
        """Raises Invalid when a row was rejected, naming each error."""
        if not self.errors:
            return
        found = [(row, one) for row, errors in sorted(self.errors.items()) for one in errors]
        counts = self.counts
        beyond = f"; {len(found) - _LISTED_ERRORS} more are not listed" if len(found) > _LISTED_ERRORS else ""
        first = f"row {found[0][0]}: {found[0][1].detail}"
        raise Invalid(
            "import_rejected",
            f"nothing was written: {counts.rejected} of {counts.read} rows were rejected with {len(found)} errors"
            f"{beyond}; {first}. mode=accept_valid imports the other {counts.accepted}",
            [FieldError(_pointer(row, one), one.code, one.detail) for row, one in found[:_LISTED_ERRORS]],
        )

    def answer(self, *, dry_run: bool, operation: Operation | None = None) -> dict[str, Any]:
        """The body of the answer: counts, and a result for each row in the file's order."""
        statuses = Counter(self.statuses.values())
        return {
            "dry_run": dry_run,
            "counts": vars(self.counts),
            "statuses": {status.value: statuses[status] for status in RowStatus}
            | {RowStatus.REJECTED.value: len(self.errors)},
            "operation_id": operation.id if operation is not None else None,
            "results": [self._result(*row) for row in self.rows.iter_rows()],
        }

    def _result(self, number: int, *key: str | None) -> dict[str, Any]:
        errors = self.errors.get(number, ())
        status = RowStatus.REJECTED if errors else self.statuses[number]
        return {
            "row": number,
            **dict(zip(self.keys, key, strict=True)),
            "status": status.value,
            "errors": [vars(one) for one in errors],
        }


def read_file(content: bytes, fields: Sequence[Field], complete: Callable[[pl.DataFrame], pl.DataFrame]) -> Table:
    """The file's rows with the fields' values beside their texts, and what `complete` adds to them; raises Invalid for
    one that cannot be read."""
    table = read_table(content, fields)
    # No field is a time, which alone would depend on the zone.
    return Table(complete(parse(table.frame, tuple(fields), "UTC")), table.malformed)


def checked(table: Table, checks: Sequence[Check], keys: tuple[str, ...]) -> CheckedFile:
    """Each row against every check."""
    errors: dict[int, Sequence[RowError]] = {
        row: [RowError(None, "malformed_row", reason)] for row, reason in table.malformed.items()
    }
    errors |= row_errors(table.frame, checks)
    shown = table.frame.select(
        "row_number", *(pl.col(f"raw_{key}").str.slice(0, MAX_TEXT_LENGTH).alias(key) for key in keys)
    )
    malformed = pl.DataFrame({"row_number": list(table.malformed)}, schema={"row_number": pl.Int64})
    return CheckedFile(
        rows=pl.concat([shown, malformed], how="diagonal").sort("row_number"),
        accepted=table.frame.filter(~pl.col("row_number").is_in(list(errors))),
        errors=errors,
        keys=keys,
    )


def _pointer(row: int, error: RowError) -> str:
    return f"/rows/{row}" if error.field is None else f"/rows/{row}/{error.field}"
