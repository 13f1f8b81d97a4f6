"""Reading an uploaded CSV file: what was written comes out, whatever the cells hold; nothing else gets through."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.domain.imports.record_fields import Field
from shared.imports.readers.csv_table import MAX_ROWS, read_table

FIELDS = (Field("key", required=True), Field("text"), Field("note"))

# A NUL is refused with its file; surrogates have no UTF-8 form.
cells = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


def written(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


@given(st.permutations(["key", "text", "note"]), st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6))
def test_what_was_written_comes_out(header: list[str], rows: list[tuple[str, str, str]]) -> None:
    table = read_table(written(header, rows), FIELDS)
    assert table.malformed == {}
    assert table.frame["row_number"].to_list() == list(range(2, len(rows) + 2))
    for name, column in zip(header, zip(*rows, strict=True), strict=True):
        assert table.frame[f"raw_{name}"].to_list() == list(column)


def outcome(content: bytes) -> str:
    try:
        return "read" if read_table(content, FIELDS).row_count else "nothing"
    except Invalid as refused:
        return refused.code


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    known = {"read", "empty_file", "wrong_encoding", "nul_byte", "wrong_header", "unreadable_file"}
    assert {outcome(content), outcome(b"key,text\r\n" + content)} <= known


def test_columns_that_the_file_lacks_are_null() -> None:
    table = read_table(b"key\na\nb", FIELDS)
    assert table.frame.rows() == [(2, "a", None, None), (3, "b", None, None)]


def test_rows_keep_their_number_whatever_lies_between() -> None:
    table = read_table(b'key,text\n\n"a\nb",1\n\n"x"y,2\nlonely\nc,3\n', FIELDS)
    assert table.frame.select("row_number", "raw_key").rows() == [(3, "a\nb"), (7, "c")]
    assert table.malformed == {
        5: "the row that ends in line 6 is no CSV: ',' expected after '\"'",
        6: "the row has 1 cells, the header has 2",
    }


def test_a_huge_cell_is_one_malformed_row() -> None:
    table = read_table(b"key\na\n" + b"x" * 200_000 + b"\nb", FIELDS)
    assert table.frame["raw_key"].to_list() == ["a", "b"]
    assert list(table.malformed) == [3]


def test_as_many_rows_as_are_allowed_and_one_more() -> None:
    rows = b"key\n" + b"x\n" * MAX_ROWS
    assert read_table(rows, FIELDS).row_count == MAX_ROWS
    with pytest.raises(Invalid, match="more than 100,000 rows"):
        read_table(rows + b"x\n", FIELDS)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("text", "column 'key' is missing; the file has 'text'; allowed: key, text, note"),
        ("key,colour,size", "column 'colour' is unknown; column 'size' is unknown; the file has"),
        ("key,KEY", "column 'key' is there twice"),
        ("key,", "column '' is unknown"),
        ("key\ttext", "The columns seem to be separated by tabs: separate them with commas"),
    ],
)
def test_a_header_that_does_not_fit(header: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_table(f"{header}\na,b,c".encode(), FIELDS)
    assert refused.value.code == "wrong_header"
    assert said in refused.value.detail
    assert {one.pointer for one in refused.value.errors} == {"/rows/1"}
