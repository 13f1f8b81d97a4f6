"""Frames on disk: an import looks at a whole source without holding it in memory.

A frame is written in parts as it comes, and scanned as one or read back partition by partition. The files lie in the
folder of the attempt and go with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

# What is small stays in memory, and small partitions are read back together: a file and a frame cost some milliseconds,
# however few their rows.
_BYTES_AT_ONCE = 32 << 20


class SpilledFrame:
    """A frame written part by part to Parquet files of one folder, and read back as one."""

    def __init__(self, folder: Path, schema: dict[str, pl.DataType]) -> None:
        self._folder = folder
        self._schema = schema
        self._parts = 0
        self.rows = 0
        self.size = 0  # in bytes, in memory

    def add(self, frame: pl.DataFrame) -> None:
        """Write the frame's columns of the schema as the next part."""
        if frame.height:
            self._folder.mkdir(parents=True, exist_ok=True)
            frame.select(pl.col(name).cast(type_) for name, type_ in self._schema.items()).write_parquet(
                self._folder / f"{self._parts:06}.parquet", compression="lz4"
            )
            self._parts += 1
            self.rows += frame.height
            self.size += int(frame.estimated_size())

    def scan(self) -> pl.LazyFrame:
        """All parts, in the order in which they were added."""
        if not self._parts:
            return pl.LazyFrame(schema=self._schema)
        return pl.scan_parquet(sorted(self._folder.glob("*.parquet")))


class PartitionedSpill:
    """Rows spread over partitions by a hash of one column: rows of equal values come back in one frame.

    As long as they are small (`bytes_at_once`) they stay in memory, as one partition.
    """

    def __init__(
        self,
        folder: Path,
        by: str,
        partitions: int,
        schema: dict[str, pl.DataType],
        bytes_at_once: int = _BYTES_AT_ONCE,
    ) -> None:
        self._by = by
        self._schema = schema
        self._bytes_at_once = bytes_at_once
        self._held: list[pl.DataFrame] = []
        self._parts = [SpilledFrame(folder / str(number), schema) for number in range(partitions)]

    def add(self, frame: pl.DataFrame) -> None:
        """Take in the frame's rows."""
        if frame.height:
            self._held.append(frame.select(pl.col(name).cast(type_) for name, type_ in self._schema.items()))
        if self._is_spread or sum(held.estimated_size() for held in self._held) > self._bytes_at_once:
            self._spread()

    def scan(self) -> pl.LazyFrame:
        """All rows, partition by partition."""
        return pl.concat([_joined(self._parts), *(frame.lazy() for frame in self._held)])

    def partitions(self) -> Iterator[pl.DataFrame]:
        """Frames that hold all or none of a value's rows, those in the order in which they were added."""
        if self._held:
            yield pl.concat(self._held)
        for (rows,) in _read(self._bytes_at_once, self._parts):
            yield rows

    def beside(self, other: PartitionedSpill) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Pairs of frames with all of a value's rows, here and there, or none. Both are spread over as many
        partitions."""
        if self._is_spread or other._is_spread:
            self._spread()
            other._spread()
        if self._held or other._held:
            yield self.scan().collect(), other.scan().collect()
        yield from _read(self._bytes_at_once, self._parts, other._parts)

    @property
    def _is_spread(self) -> bool:
        return any(part.rows for part in self._parts)

    def _spread(self) -> None:
        for frame in self._held:
            marked = frame.with_columns(partition=pl.col(self._by).hash(seed=0) % len(self._parts))
            for (number,), part in marked.partition_by("partition", as_dict=True, include_key=False).items():
                self._parts[number].add(part)
        self._held = []


def _read(bytes_at_once: int, *spills: Sequence[SpilledFrame]) -> Iterator[Any]:
    """The partitions that have rows in any of the spills, small ones together: a tuple with a frame for each spill."""
    group: list[tuple[SpilledFrame, ...]] = []
    for parts in zip(*spills, strict=True):
        if group and _size([*group, parts]) > bytes_at_once:
            yield _together(group)
            group = []
        if any(part.rows for part in parts):
            group.append(parts)
    if group:
        yield _together(group)


def _size(group: Sequence[Sequence[SpilledFrame]]) -> int:
    return sum(part.size for parts in group for part in parts)


def _together(group: Sequence[Sequence[SpilledFrame]]) -> tuple[pl.DataFrame, ...]:
    return tuple(_joined(parts).collect() for parts in zip(*group, strict=True))


def _joined(parts: Sequence[SpilledFrame]) -> pl.LazyFrame:
    return pl.concat([part.scan() for part in parts if part.rows] or [parts[0].scan()])
