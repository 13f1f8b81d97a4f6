"""Frames on disk come back as they were added."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from shared.imports.spill import PartitionedSpill, SpilledFrame

SCHEMA: dict[str, pl.DataType] = {"item_id": pl.String(), "n": pl.Int64()}


def test_parts_come_back_in_order_with_the_schemas_columns(tmp_path: Path) -> None:
    spilled = SpilledFrame(tmp_path / "frame", SCHEMA)

    spilled.add(pl.DataFrame({"n": [1, 2], "item_id": ["b", "a"], "other": [0, 0]}))
    spilled.add(pl.DataFrame({"item_id": [], "n": []}))
    spilled.add(pl.DataFrame({"item_id": ["c"], "n": [3]}))

    assert spilled.rows == 3
    assert spilled.scan().collect().rows() == [("b", 1), ("a", 2), ("c", 3)]


def test_nothing_added_is_an_empty_frame(tmp_path: Path) -> None:
    assert SpilledFrame(tmp_path / "frame", SCHEMA).scan().collect().schema == SCHEMA


def test_a_partition_holds_all_or_none_of_an_items_rows_in_order(tmp_path: Path) -> None:
    spill = PartitionedSpill(tmp_path / "records", "item_id", 4, SCHEMA, rows_at_once=300)
    for first in (0, 500):
        spill.add(pl.DataFrame({"item_id": [str(n % 37) for n in range(500)], "n": range(first, first + 500)}))

    frames = list(spill.partitions())

    seen = [set(frame["item_id"]) for frame in frames]
    assert len(frames) > 1
    assert sum(len(items) for items in seen) == len(set().union(*seen)) == 37
    assert all(rows["n"].is_sorted() for frame in frames for rows in frame.partition_by("item_id"))
    assert spill.scan().collect().height == 1000


def test_small_partitions_are_read_together(tmp_path: Path) -> None:
    here = PartitionedSpill(tmp_path / "here", "item_id", 32, SCHEMA)
    there = PartitionedSpill(tmp_path / "there", "item_id", 32, SCHEMA)
    here.add(pl.DataFrame({"item_id": [str(n) for n in range(500)], "n": range(500)}))
    there.add(pl.DataFrame({"item_id": [str(n) for n in range(400, 900)], "n": range(500)}))

    ((rows, others),) = here.beside(there)

    assert (rows.height, others.height) == (500, 500)
    assert len(list(here.partitions())) == 1
