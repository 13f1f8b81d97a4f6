"""Frames on disk come back as they were added."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

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
    spill = PartitionedSpill(tmp_path / "records", "item_id", 4, SCHEMA, bytes_at_once=5_000)
    for first in (0, 500):
        spill.add(pl.DataFrame({"item_id": [str(n % 37) for n in range(500)], "n": range(first, first + 500)}))

    frames = list(spill.partitions())

    seen = [set(frame["item_id"]) for frame in frames]
    assert len(frames) > 1
    assert sum(len(items) for items in seen) == len(set().union(*seen)) == 37
    assert all(rows["n"].is_sorted() for frame in frames for rows in frame.partition_by("item_id"))
    assert spill.scan().collect().height == 1000


@pytest.mark.parametrize("bytes_at_once", [5_000, 12_000, 1_000_000])
def test_rows_of_two_spills_come_side_by_side(tmp_path: Path, bytes_at_once: int) -> None:
    """Both on disk, one of them, none."""
    here = PartitionedSpill(tmp_path / "here", "item_id", 8, SCHEMA, bytes_at_once)
    there = PartitionedSpill(tmp_path / "there", "item_id", 8, SCHEMA, bytes_at_once)
    here.add(pl.DataFrame({"item_id": [str(n) for n in range(900)], "n": range(900)}))
    there.add(pl.DataFrame({"item_id": [str(n) for n in range(400, 900)], "n": range(500)}))

    pairs = list(here.beside(there))

    assert sum(rows.height for rows, _ in pairs) == 900
    assert sum(others.height for _, others in pairs) == 500
    assert all(set(others["item_id"]) <= set(rows["item_id"]) for rows, others in pairs)
    assert here.scan().collect().height == 900


def test_few_rows_are_one_frame_and_no_file(tmp_path: Path) -> None:
    spill = PartitionedSpill(tmp_path / "records", "item_id", 4, SCHEMA)
    for first in (0, 500):
        spill.add(pl.DataFrame({"n": range(first, first + 500), "item_id": [str(n % 37) for n in range(500)]}))

    (rows,) = spill.partitions()

    assert rows["n"].to_list() == list(range(1000))
    assert not list(tmp_path.iterdir())


def test_small_partitions_are_read_together(tmp_path: Path) -> None:
    spill = PartitionedSpill(tmp_path / "records", "item_id", 32, SCHEMA, bytes_at_once=5_000)
    spill.add(pl.DataFrame({"item_id": [str(n) for n in range(900)], "n": range(900)}))

    assert len(list(spill.partitions())) < 5
