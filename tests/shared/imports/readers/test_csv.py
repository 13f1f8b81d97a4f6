"""CSV files as people and machines really write them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers.csv import open_csv
from shared.imports.readers.file_reading import FOUND, FileReading
from shared.imports.readers.record_source import RecordSource

_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")  # a file that has a NUL is refused


def opened(path: Path, reading: FileReading = FOUND) -> RecordSource:
    return open_csv(lambda: path.open("rb"), reading)


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "upload.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def test_a_file_is_read_by_column_with_its_row_numbers(tmp_path: Path) -> None:
    source = opened(written(tmp_path, 'item_id, units\n"a, ""b""",1\n\nc,\n'))

    (batch,) = source.batches()

    assert source.header == ("item_id", "units")
    assert batch.columns.rows() == [('a, "b"', "1"), ("c", "")]
    assert batch.row_number.to_list() == [2, 4]  # the blank line is no record, but a row
    assert batch.malformed.is_empty()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("\ufeffname\nCafé €\n".encode(), "utf-8-sig"),
        ("name\nCafé €\n".encode(), "utf-8"),
        ("name\nCafé €\n".encode("cp1252"), "cp1252"),
        ("name\nCafé €\n".encode("utf-16"), "utf-16"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, content: bytes, encoding: str) -> None:
    source = opened(written(tmp_path, content))

    assert (source.header, source.layout.encoding) == (("name",), encoding)
    assert next(source.batches()).columns.rows() == [("Café €",)]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="no text in UTF-8 or a Windows code page") as refused:
        opened(written(tmp_path, b"name\n\x81\x8d\x8f\x98\xd2\n"))
    assert refused.value.code == "unreadable_file"


def test_a_wrong_byte_costs_its_line(tmp_path: Path) -> None:
    lines = [f"{number},Café {number}".encode() for number in range(40)]
    lines[7] = b"7,Caf\xe9 7"

    source = opened(written(tmp_path, b"\n".join([b"id,name", *lines])))
    (batch,) = source.batches()

    assert source.layout.encoding == "utf-8"
    assert batch.columns["name"].to_list() == [f"Café {number}" for number in range(40) if number != 7]
    assert batch.malformed.select("row_number", "message").rows() == [(9, "bytes of the row are no utf-8")]
    assert json.loads(batch.malformed["record"][0]) == {"cells": ["7", "Caf\ufffd 7"]}


def test_how_a_file_is_written_can_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, "id;name, short\n1;Příbor, small\n".encode("cp1250"))
    with pytest.raises(UnusableFile) as refused:
        opened(path)
    assert refused.value.code == "ambiguous_encoding"
    assert "cp1252 reads Pøíbor; cp1250 reads Příbor" in refused.value.detail

    source = opened(path, FileReading("cp1250", ";"))
    assert next(source.batches()).columns.to_dicts() == [{"id": "1", "name, short": "Příbor, small"}]
    assert opened(path, FileReading("cp1250", ",")).header == ("id;name", "short")
    with pytest.raises(UnusableFile, match="no text in utf-8"):
        opened(path, FileReading("utf-8"))


@pytest.mark.parametrize("content", ["\n", "  ,\t\n", "\ufeff\n"])
def test_a_file_without_a_header_is_empty(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnusableFile, match="its first row must name the columns") as refused:
        opened(written(tmp_path, content))
    assert refused.value.code == "empty_file"


def test_ragged_rows_are_malformed_and_the_rest_is_read(tmp_path: Path) -> None:
    source = opened(written(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n"))

    (batch,) = source.batches()

    assert batch.columns.rows() == [("1", "2"), ("7", "8")]
    assert batch.malformed.select("row_number", "message").rows() == [
        (3, "the row has 1 cells, the header has 2"),
        (4, "the row has 3 cells, the header has 2"),
    ]
    assert json.loads(batch.malformed["record"][1]) == {"cells": ["4", "5", "6"]}


@pytest.mark.parametrize("end", ["", '5001,"closed"\n', '5001,x"\n', '5001,"x\n'])
@pytest.mark.parametrize("more", ["", ",plates,1.00"])
def test_an_unclosed_quote_costs_no_other_line(tmp_path: Path, end: str, more: str) -> None:
    columns = "a,b" + (",category,cost" if more else "")
    lines = [f"{number},{'x' * 100}{more}\n" for number in range(5000)]
    end = end.replace("\n", f"{more}\n")

    batches = list(opened(written(tmp_path, "".join([columns, f'\n0,"6 inch{more}\n', *lines, end]))).batches())

    rows = [row[:2] for batch in batches for row in batch.columns.rows()]
    last = [(end.split(",")[0], end.split(",")[1].strip().replace('"closed"', "closed"))] if end else []
    assert rows == [("0", '"6 inch'), *((str(number), "x" * 100) for number in range(5000)), *last]
    assert all(batch.malformed.is_empty() for batch in batches)


def test_a_stray_quote_is_a_character(tmp_path: Path) -> None:
    content = 'a,b,c\n1,Plate 12" white,x\n2,"Plate 12" blue,x\n3,"a, b",x\n4,"12" of, all",x\n5,"12"" disc",x\n'

    (batch,) = opened(written(tmp_path, content)).batches()

    assert batch.columns["b"].to_list() == ['Plate 12" white', '"Plate 12" blue', "a, b", '12" disc']
    assert batch.malformed.select("row_number", "message").rows() == [(5, "the row is no CSV: ',' expected after '\"'")]


def test_a_cell_may_have_lines(tmp_path: Path) -> None:
    content = 'id,address,note\n1,"4 Canal Row\nLondon, N1 7RJ\nUK",x\n2,"a\r\n\r\nb",y\n'

    (batch,) = opened(written(tmp_path, content)).batches()

    assert batch.columns["address"].to_list() == ["4 Canal Row\nLondon, N1 7RJ\nUK", "a\r\n\r\nb"]
    assert batch.row_number.to_list() == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep=\u0000\n", "SEP=\u0000\r\n"])
def test_the_separator_is_found(tmp_path: Path, delimiter: str, first: str) -> None:
    rows = ["item_id|price|name", "1|1.000,50|Cup; small", '2|2,00|"Mug, | and\tmore"', "|||", "3|3,5|"]
    quoted = "\n".join(rows).replace('"Mug, | and\tmore"', '"Mug \u0001"').replace("|", delimiter)
    content = first.replace("\u0000", delimiter) + quoted.replace("\u0001", delimiter)
    if delimiter in ",;":  # as what separates cells is then quoted
        content = content.replace("1.000,50", '"1.000,50"').replace("2,00", '"2,00"').replace("3,5", '"3,5"')
        content = content.replace("Cup; small", '"Cup; small"')

    source = opened(written(tmp_path, content))
    (batch,) = source.batches()

    assert source.header == ("item_id", "price", "name")
    assert batch.columns.rows() == [
        ("1", "1.000,50", "Cup; small"),
        ("2", "2,00", f"Mug {delimiter}"),
        ("3", "3,5", ""),
    ]
    assert batch.row_number.to_list() == [2, 3, 5]


def test_blank_cells_beyond_the_last_column_do_no_harm(tmp_path: Path) -> None:
    (batch,) = opened(written(tmp_path, "a,b,,\n1,2\n3,4,\n5,6,,,, \n,,,\n7,8,9\n")).batches()

    assert batch.columns.rows() == [("1", "2"), ("3", "4"), ("5", "6")]
    assert batch.malformed["message"].to_list() == ["the row has 3 cells, the header has 2"]


def test_blank_and_repeated_column_names_are_told_apart(tmp_path: Path) -> None:
    assert opened(written(tmp_path, "a,,a,a,\n")).header == ("a", "column 2", "a (3)", "a (4)")


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="1001 columns") as refused:
        opened(written(tmp_path, "a," * 1000 + "a\n"))
    assert refused.value.code == "too_many_columns"


def test_batches_shrink_with_the_width_of_the_file(tmp_path: Path) -> None:
    wide = "x," * 999 + "x\n"

    sizes = [batch.size for batch in opened(written(tmp_path, wide * 1502)).batches()]

    assert sizes == [1000, 501]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), min_size=2, max_size=2
        )
    )
)
def test_what_the_csv_module_writes_is_read_back(tmp_path: Path, rows: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["a", "b"], *rows])

    (batch,) = opened(written(tmp_path, buffer.getvalue())).batches()

    assert [list(row) for row in batch.columns.rows()] == [row for row in rows if "".join(row).strip()]
