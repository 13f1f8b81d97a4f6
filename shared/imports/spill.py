"""Frames on disk: an import looks at a whole source without holding it in memory.

A frame is written in parts as it comes, and scanned as one or read back partition by partition. The files lie in the
folder of the attempt and go with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl


class SpilledFrame:
    """A frame written part by part to Parquet files of one folder, and read back as one."""

    def __init__(self, folder: Path, schema: dict[str, pl.DataType]) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._schema = schema
        self._parts = 0
        self.rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Write the frame's columns of the schema as the next part."""
        if frame.height:
            frame.select(pl.col(name).cast(type_) for name, type_ in self._schema.items()).write_parquet(
                self._folder / f"{self._parts:06}.parquet", compression="lz4"
            )
            self._parts += 1
            self.rows += frame.height

    def scan(self) -> pl.LazyFrame:
        """All parts, in the order in which they were added."""
        if not self._parts:
            return pl.LazyFrame(schema=self._schema)
        return pl.scan_parquet(sorted(self._folder.glob("*.parquet")))


class PartitionedSpill:
    """Rows spread over partitions by a hash of one column: rows of equal values come back in one frame."""

    def __init__(self, folder: Path, by: str, partitions: int, schema: dict[str, pl.DataType]) -> None:
        self._by = by
        self._parts = [SpilledFrame(folder / str(number), schema) for number in range(partitions)]

    def add(self, frame: pl.DataFrame) -> None:
        """Spread the frame's rows over the partitions."""
        marked = frame.with_columns(partition=pl.col(self._by).hash(seed=0) % len(self._parts))
        for (number,), part in marked.partition_by("partition", as_dict=True, include_key=False).items():
            self._parts[number].add(part)

    def scan(self) -> pl.LazyFrame:
        """All rows, partition by partition."""
        return pl.concat([part.scan() for part in self._parts])

    def beside(self, other: PartitionedSpill) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """The partitions of both that have rows in either: all rows of a value of `by`, here and there. Both are spread
        over as many partitions."""
        for part, others in zip(self._parts, other._parts, strict=True):
            if part.rows or others.rows:
                yield part.scan().collect(), others.scan().collect()

    def partitions(self) -> Iterator[pl.DataFrame]:
        """One frame per partition that has rows; within it, rows are in the order in which they were added."""
        for part in self._parts:
            if part.rows:
                yield part.scan().collect()
