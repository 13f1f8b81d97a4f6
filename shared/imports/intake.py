"""A source's records on their way in: counted, the rejects kept, the accepted ones spread over partitions on disk.

A check that compares records needs all of an item's, and memory for a part of the source only. So an import goes over
its records twice: `read_all` checks each by itself and writes it to the partition of its item, `partitions` brings back
one frame at a time for the checks within an item.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from shared.domain.imports.exclusion_checks import excluded_check
from shared.domain.imports.record_checks import (
    MALFORMED,
    REJECT_SCHEMA,
    Check,
    cell_check,
    check_records,
    duplicate_check,
    first_of_each_record,
    first_row,
    total_check,
)
from shared.domain.imports.record_fields import Field, FieldType
from shared.domain.operation import Counts
from shared.imports.record_stream import RecordStream
from shared.imports.spill import PartitionedSpill, SpilledFrame

# A source of the largest size taken (10 million records) gives frames of some 300,000.
_PARTITIONS = 32
_SHOWN_RECORDS = 10
# As many as /etl/runs/{id}/rejects gives as a file: who has more has one mistake in every row, and reads none of them.
MAX_KEPT_REJECTS = 100_000
# What rejects are about, where a kind has to know it: each of these once, so far more of them than of rejects.
MAX_REMEMBERED = 1_000_000
_TYPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: pl.String,
    FieldType.FLAG: pl.Boolean,
    FieldType.DATE_TIME: pl.Datetime("us"),
}

OnProgress = Callable[[str, int], None]
Prepare = Callable[[pl.DataFrame], pl.DataFrame]


class Intake:
    """One source taken in, once: `read_all`, then each of the `partitions`; `counts` holds afterwards.

    Records of one value of the field `by` are in one partition; None: all of them are, for sources that are small.
    `remembers` are the fields that say what a rejected record is about, where the kind asks for it (`rejected`).
    """

    def __init__(
        self, stream: RecordStream, folder: Path, by: str | None = "item_id", remembers: Sequence[str] = ()
    ) -> None:
        self._stream = stream
        self._read = 0
        schema = _schema(stream.fields)
        self._accepted = PartitionedSpill(folder / "records", by or "row_number", _PARTITIONS if by else 1, schema)
        self._rejected = _Remembered({name: schema[name] for name in remembers} | {"code": pl.String()})
        # The first MAX_KEPT_REJECTS of them; `rejected_by_check` counts all.
        self.rejects = SpilledFrame(folder / "rejects", dict(REJECT_SCHEMA))
        self.rejected_by_check: Counter[str] = Counter()
        self.preview: list[dict[str, Any]] = []

    @property
    def counts(self) -> Counts:
        """accepted + rejected = read."""
        rejected = self.rejected_by_check.total()
        return Counts(self._read, self._read - rejected, rejected)

    @property
    def takes_nothing(self) -> bool:
        """Whether there are records, and all of them are rejected."""
        return self._read > 0 and self.counts.accepted == 0

    def read_all(self, checks: Sequence[Check], on_progress: OnProgress, prepare: Prepare | None = None) -> None:
        """Read the whole source and check each record; raises UnusableFile.

        `prepare` changes parsed records before they are checked. `on_progress` is told how many records are read.
        """
        first = [total_check(), cell_check(), *(excluded_check(exclusion) for exclusion in self._stream.exclusions)]
        for batch in self._stream.batches():
            self._read += batch.size
            self._keep(batch.malformed)
            records = batch.records if prepare is None else prepare(batch.records)
            self._show(records)
            self._accepted.add(self.reject(records, [*first, *checks]))
            on_progress("reading", self._read)

    def _show(self, records: pl.DataFrame) -> None:
        """Keep the first records for people to look at: each as it was given and as it is understood."""
        shown = records.head(_SHOWN_RECORDS - len(self.preview))
        names = [field.name for field in self._stream.fields if field.name in self._stream.bound]
        for record in shown.select("row_number", "record", *names).iter_rows(named=True):
            understood = {name: _plain(record[name]) for name in names}
            given = json.loads(record["record"])
            self.preview.append({"row": record["row_number"], "given": given, "understood": understood})

    @property
    def malformed(self) -> int:
        """How many of the rejects have no fields, so that nothing is known of what they are about."""
        return self.rejected_by_check[MALFORMED]

    def rejected(self) -> pl.DataFrame:
        """What the rejected records that have fields are about: each different value of the remembered fields, null
        where one could not be read, with the `code` of the check that failed. The first MAX_REMEMBERED of them."""
        return self._rejected.rows()

    @property
    def forgot(self) -> bool:
        """Whether there are more of these."""
        return self._rejected.is_full

    def scan(self) -> pl.LazyFrame:
        """All records accepted so far: row_number, record (as JSON) and a typed column per field."""
        return self._accepted.scan()

    def partitions(self) -> Iterator[pl.DataFrame]:
        """The accepted records in frames that hold all or none of an item's (`by`), those in the source's order."""
        return self._accepted.partitions()

    def partitions_beside(self, other: PartitionedSpill) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """As `partitions`, each with the other rows of its items; and the other rows of items without a record."""
        return self._accepted.beside(other)

    def spill(self, folder: Path, schema: Mapping[str, Any]) -> PartitionedSpill:
        """Room for other rows of the items, for `partitions_beside`."""
        return PartitionedSpill(folder, "item_id", _PARTITIONS, dict(schema))

    def reject(self, records: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
        """The records that pass the checks; the others become rejects, each by the first check that it fails."""
        accepted, rejects = check_records(records, checks)
        firsts = first_of_each_record(rejects)
        self._keep(firsts)
        if firsts.height and self._rejected.names_something:
            self._rejected.add(records.join(firsts.select("row_number", "code"), on="row_number"))
        return accepted

    def distinct(self, records: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
        """The first record of each key; the others become rejects."""
        return self.reject(records.with_columns(first_row=first_row(key)), [duplicate_check(key)]).drop("first_row")

    def _keep(self, rejects: pl.DataFrame) -> None:
        """Count the rejects, and keep them as long as there is room."""
        self.rejects.add(rejects.head(MAX_KEPT_REJECTS - self.rejects.rows))
        self.rejected_by_check.update(dict(rejects["code"].value_counts().iter_rows()))


class _Remembered:
    """Different rows of these columns, MAX_REMEMBERED at most."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._columns = list(schema)
        self._rows = self._added = pl.DataFrame(schema=dict(schema))
        self.names_something = len(schema) > 1
        self.is_full = False

    def add(self, rows: pl.DataFrame) -> None:
        self._added = pl.concat([self._added, rows.select(self._columns).unique()])
        if self._added.height > max(MAX_REMEMBERED, self._rows.height):  # seldom, for each looks through all
            self.rows()

    def rows(self) -> pl.DataFrame:
        different = pl.concat([self._rows, self._added]).unique(maintain_order=True)
        self.is_full = self.is_full or different.height > MAX_REMEMBERED
        self._rows, self._added = different.head(MAX_REMEMBERED), self._added.clear()
        return self._rows


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _schema(fields: Sequence[Field]) -> dict[str, Any]:
    types = {
        field.name: pl.Decimal(38, field.scale) if field.type is FieldType.DECIMAL else _TYPES[field.type]
        for field in fields
    }
    return {"row_number": pl.Int64, "record": pl.String, **types}
