"""A file's records on their way in: counted, the rejects kept, the accepted ones spread over partitions on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shared.domain.imports.record_checks import Check, duplicate_check, empty_rejects, split
from shared.domain.imports.record_fields import Field, FieldType
from shared.domain.operation import Counts
from shared.imports.record_stream import RecordStream
from shared.imports.spill import PartitionedSpill, SpilledFrame

# Records of one item are in one partition, because what is left to check concerns one item. A file of the largest size
# taken (10 million records) gives frames of some 300,000.
_PARTITIONS = 32
_TYPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: pl.String,
    FieldType.FLAG: pl.Boolean,
    FieldType.DATE_TIME: pl.Datetime("us"),
}

OnProgress = Callable[[str, int], None]


class Intake:
    """One file taken in, once: `read_all`, then each of the `partitions`; `counts` holds afterwards."""

    def __init__(self, stream: RecordStream, folder: Path) -> None:
        self._stream = stream
        self._read = 0
        self._accepted = PartitionedSpill(folder / "records", "item_id", _PARTITIONS, _schema(stream.fields))
        self.rejects = SpilledFrame(folder / "rejects", dict(empty_rejects().schema))
        self.rejected_by_check: Counter[str] = Counter()

    @property
    def counts(self) -> Counts:
        """accepted + rejected = read."""
        return Counts(self._read, self._read - self.rejects.rows, self.rejects.rows)

    def read_all(self, on_progress: OnProgress) -> None:
        """Read and check the whole file; raises UnreadableSource. `on_progress` is told how many records are read."""
        for batch in self._stream.batches():
            self._read += batch.read
            self._keep(batch.rejects)
            self._accepted.add(batch.accepted)
            on_progress("reading", self._read)

    def scan(self) -> pl.LazyFrame:
        """All records accepted so far: row_number, record (as JSON) and a typed column per field."""
        return self._accepted.scan()

    def partitions(self) -> Iterator[pl.DataFrame]:
        """The accepted records in frames that hold all or none of an item's, each in the file's order."""
        return self._accepted.partitions()

    def reject(self, records: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
        """The records that pass further checks; the others become rejects."""
        kept, rejects = split(records, checks)
        self._keep(rejects)
        return kept

    def distinct(self, records: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
        """The first record of each key; the others become rejects."""
        first = pl.col("row_number").min().over(key)
        return self.reject(records.with_columns(first_row=first), [duplicate_check(key)]).drop("first_row")

    def _keep(self, rejects: pl.DataFrame) -> None:
        self.rejects.add(rejects)
        self.rejected_by_check.update(dict(rejects["check"].value_counts().iter_rows()))


def _schema(fields: Sequence[Field]) -> dict[str, Any]:
    types = {
        one.name: pl.Decimal(38, one.scale) if one.type is FieldType.DECIMAL else _TYPES[one.type] for one in fields
    }
    return {"row_number": pl.Int64, "record": pl.String, **types}
