"""Any source of records, a file or a table, becomes typed records."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.record_checks import field_checks
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, Field
from shared.imports.column_mapping import NO_MAPPING, parse_mapping
from shared.imports.intake import Intake
from shared.imports.readers.csv import open_csv
from shared.imports.readers.frames import readable_columns, text_batches
from shared.imports.readers.record_source import RecordSource, column_names
from shared.imports.record_stream import RecordStream, stream_of

FIELDS = (Field("key", required=True), Field("text"), Field("note"))


def template(content: bytes) -> RecordStream:
    return stream_of(open_csv(partial(io.BytesIO, content)), NO_MAPPING, FIELDS, "UTC", keeps_records=False)


def test_columns_that_the_source_lacks_are_null() -> None:
    batch = template(b"key\na\nb").whole()
    assert batch.records.select("row_number", "raw_key", "raw_text", "note", "record").rows() == [
        (2, "a", None, None, None),
        (3, "b", None, None, None),
    ]


def test_a_source_without_records_is_refused() -> None:
    for content in (b"key", b"key\n\n"):
        with pytest.raises(UnusableFile, match="the file has a header and no rows") as refused:
            template(content).whole()
        assert refused.value.code == "empty_file"


def test_malformed_rows_are_records_too() -> None:
    batch = template(b"key,text\na\nb,c,d\n").whole()
    assert (batch.size, batch.records.height) == (2, 0)
    assert batch.malformed.select("row_number", "field", "code").rows() == [
        (2, None, "malformed"),
        (3, None, "malformed"),
    ]


def orders() -> Iterator[pa.RecordBatch]:
    """What a query answers with: Arrow, in batches, typed, its columns named by somebody else."""
    types = pa.schema(
        [
            ("product", pa.float64()),
            ("site", pa.dictionary(pa.int32(), pa.string())),
            ("day", pa.date32()),
            ("qty", pa.decimal128(38, 9)),
            ("tags", pa.list_(pa.string())),
        ]
    )
    for first in (1, 3):
        rows = [
            {"product": 85123.0, "site": "LONDON", "day": dt.date(2011, 10, day), "qty": Decimal(day), "tags": ["x"]}
            for day in (first, first + 1)
        ]
        yield pa.RecordBatch.from_pylist(rows, schema=types)


def test_a_table_is_imported_like_a_file(tmp_path: Path) -> None:
    def frames() -> Iterator[pl.DataFrame]:
        for batch in orders():
            frame = pl.DataFrame(batch)
            yield frame.select(readable_columns(frame.schema))

    header = column_names(readable_columns(next(iter(frames())).schema))
    source = RecordSource(column_names(["product", "site", "day", "qty"]), lambda: text_batches(frames(), header))
    mapping = '{"item_id": "product", "location_id": "site", "date_local": "day", "units_sold": "qty"}'
    stream = stream_of(source, parse_mapping(mapping, DAILY_SALES_FIELDS), DAILY_SALES_FIELDS, "UTC")
    intake = Intake(stream, tmp_path)

    intake.read_all(field_checks(DAILY_SALES_FIELDS), lambda step, read: None)

    assert header == source.header
    assert vars(intake.counts) == {"read": 4, "accepted": 4, "rejected": 0}
    records = (
        intake.scan().sort("row_number").select("row_number", "item_id", "location_id", "date_local", "units_sold")
    )
    assert records.collect().rows() == [
        (day, "85123", "LONDON", dt.datetime(2011, 10, day), Decimal(day)) for day in (1, 2, 3, 4)
    ]
