"""Taking a source in: each record is accepted once or rejected once, by itself or beside the others of its item."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from shared.domain.imports.record_checks import field_checks
from shared.domain.imports.record_fields import STOCK_FIELDS
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.intake import Intake
from shared.imports.readers.csv import open_csv
from shared.imports.record_stream import stream_of

FILE = """item_id,location_id,current_stock
a,LONDON,1
,LONDON,-1
a,LONDON,3
b,LONDON
b,DUBLIN,4
"""


def test_counts_rejects_and_partitions(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(FILE)
    intake = Intake(stream_of(open_csv(lambda: path.open("rb")), NO_MAPPING, STOCK_FIELDS, "UTC"), tmp_path)
    steps: list[tuple[str, int]] = []

    intake.read_all(field_checks(STOCK_FIELDS), lambda step, read: steps.append((step, read)))
    assert vars(intake.counts) == {"read": 5, "accepted": 3, "rejected": 2}
    kept = pl.concat([intake.distinct(records, ("item_id", "location_id")) for records in intake.partitions()])

    assert steps == [("reading", 5)]
    assert sorted(kept["row_number"]) == [2, 6]
    assert vars(intake.counts) == {"read": 5, "accepted": 2, "rejected": 3}
    rejects = intake.rejects.scan().sort("row_number").collect()
    assert rejects.select("row_number", "field", "code").rows() == [
        (3, "item_id", "required"),  # and a negative stock: the first check names the reject
        (4, None, "duplicate"),
        (5, None, "malformed"),
    ]
    assert rejects["record"][1] == '{"item_id":"a","location_id":"LONDON","current_stock":"3"}'
    assert dict(intake.rejected_by_check) == {"required": 1, "duplicate": 1, "malformed": 1}


def test_of_many_rejects_the_first_are_kept_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.imports.intake.MAX_KEPT_REJECTS", 3)
    path = tmp_path / "stock.csv"
    path.write_text("item_id,location_id,current_stock\na\n" + ",LONDON,1\n" * 4 + "a,LONDON,1\na,LONDON,2\n")
    intake = Intake(stream_of(open_csv(lambda: path.open("rb")), NO_MAPPING, STOCK_FIELDS, "UTC"), tmp_path)

    intake.read_all(field_checks(STOCK_FIELDS), lambda step, read: None)
    for records in intake.partitions():
        intake.distinct(records, ("item_id", "location_id"))

    assert intake.rejects.scan().collect()["row_number"].to_list() == [2, 3, 4]
    assert vars(intake.counts) == {"read": 7, "accepted": 1, "rejected": 6}
    assert dict(intake.rejected_by_check) == {"malformed": 1, "required": 4, "duplicate": 1}


def test_what_rejects_are_about_is_remembered_once_and_of_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.imports.intake.MAX_REMEMBERED", 3)
    path = tmp_path / "stock.csv"
    header = "item_id,location_id,current_stock\n"

    def taken_in(rows: str, *remembers: str) -> Intake:
        path.write_text(header + rows)
        stream = stream_of(open_csv(lambda: path.open("rb")), NO_MAPPING, STOCK_FIELDS, "UTC")
        intake = Intake(stream, tmp_path, remembers=remembers)
        intake.read_all(field_checks(STOCK_FIELDS), lambda step, read: None)
        return intake

    rows = "a,LONDON,x\n" * 5 + "a,LONDON,-1\nb,,1\n"
    intake = taken_in(rows, "item_id", "location_id")
    assert sorted(intake.rejected().rows(), key=str) == [
        ("a", "LONDON", "format"),
        ("a", "LONDON", "negative"),
        ("b", None, "required"),
    ]
    assert not intake.forgot
    more = taken_in(rows + "c,LONDON,x\n", "item_id", "location_id")
    assert (more.rejected().height, more.forgot, more.counts.rejected) == (3, True, 8)
    none = taken_in(rows)
    assert (none.rejected().height, none.forgot, none.counts.rejected) == (0, False, 7)
    assert not (tmp_path / "rejected").exists()


def test_records_may_be_changed_before_they_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("item_id,location_id,current_stock\na,LONDON,1\n")
    intake = Intake(stream_of(open_csv(lambda: path.open("rb")), NO_MAPPING, STOCK_FIELDS, "UTC"), tmp_path)

    intake.read_all(
        field_checks(STOCK_FIELDS),
        lambda step, read: None,
        lambda records: records.with_columns(pl.col("item_id").str.to_uppercase()),
    )

    assert intake.scan().collect()["item_id"].to_list() == ["A"]
