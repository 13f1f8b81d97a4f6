"""Reading a CSV file that a person filled in: what was written comes out, whatever the cells hold; nothing else is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.record_fields import Field
from shared.imports.column_mapping import NO_MAPPING
from shared.imports.readers.csv_template import MAX_ROWS, open_template
from shared.imports.readers.record_source import RecordBatch
from shared.imports.record_stream import stream_of

FIELDS = (Field("key", required=True), Field("text"), Field("note"))

# A NUL is refused with its file; surrogates have no UTF-8 form.
cells = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


def read(content: bytes) -> RecordBatch:
    """All rows as one batch."""
    batches = list(open_template(content, FIELDS).batches())
    return RecordBatch(
        pl.concat([batch.row_number for batch in batches]),
        pl.concat([batch.columns for batch in batches]),
        pl.concat([batch.malformed for batch in batches]),
    )


def messages(batch: RecordBatch) -> dict[int, str]:
    return dict(batch.malformed.select("row_number", "message").iter_rows())


@given(st.permutations(["key", "text", "note"]), st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6))
def test_what_was_written_comes_out(header: list[str], rows: list[tuple[str, str, str]]) -> None:
    batch = read(written(header, rows))
    kept = [(number, row) for number, row in enumerate(rows, 2) if "".join(row).strip()]  # a blank row is no record
    assert messages(batch) == {}
    assert batch.row_number.to_list() == [number for number, _ in kept]
    assert batch.columns.select(header).rows() == [row for _, row in kept]


def outcome(content: bytes) -> str:
    try:
        return (
            "read" if stream_of(open_template(content, FIELDS), NO_MAPPING, FIELDS, "UTC").whole().size else "nothing"
        )
    except UnusableFile as refused:
        return refused.code


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    outcomes = {"read", "empty_file", "wrong_encoding", "nul_byte", "wrong_header", "unreadable_file"}
    assert {outcome(content), outcome(b"key,text\r\n" + content)} <= outcomes


def test_names_of_columns_are_those_of_the_fields_whatever_their_case() -> None:
    assert open_template(b" Key ,NOTE\na,b", FIELDS).header == ("key", "note")


def test_rows_keep_their_number_whatever_lies_between() -> None:
    batch = read(b'key,text\n\n"a\nb",1\n\n"x"y,2\nlonely\nc,3\n')
    assert list(zip(batch.row_number, batch.columns["key"], strict=True)) == [(3, "a\nb"), (7, "c")]
    assert messages(batch) == {
        5: "the row is no CSV: ',' expected after '\"'",
        6: "the row has 1 cells, the header has 2",
    }


def test_a_huge_cell_is_one_malformed_row() -> None:
    batch = read(b"key\na\n" + b"x" * 200_000 + b"\nb")
    assert batch.columns["key"].to_list() == ["a", "b"]
    assert list(messages(batch)) == [3]


def test_as_many_rows_as_are_allowed_and_one_more() -> None:
    rows = b"key\n" + b"x\n" * MAX_ROWS
    assert read(rows).size == MAX_ROWS
    with pytest.raises(UnusableFile, match="more than 100,000 rows"):
        read(rows + b"x\n")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("text", "column 'key' is missing; the file has 'text'; allowed: key, text, note"),
        ("key,colour,size", "column 'colour' is unknown; column 'size' is unknown; the file has"),
        ("key,KEY", "column 'key' is there twice"),
        ("key,,text", "column '' is unknown"),
        ("key\ttext", "The columns seem to be separated by tabs: separate them with commas"),
        ("\n", "column 'key' is missing; the file has ; allowed"),  # a first row that is blank
    ],
)
def test_a_header_that_does_not_fit(header: str, message: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        open_template(f"{header}\na,b,c".encode(), FIELDS)
    assert refused.value.code == "wrong_header"
    assert message in refused.value.detail
    assert {error.pointer for error in refused.value.errors} == {"/rows/1"}
