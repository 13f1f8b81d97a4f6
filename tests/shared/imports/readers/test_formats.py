"""Which reader a file gets."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers.formats import SourceFormat, detect_format, open_file


@pytest.mark.parametrize(
    ("name", "first_bytes", "expected"),
    [
        ("Sales.CSV", b"PAR1", SourceFormat.CSV),
        ("sales.xlsx", b"", SourceFormat.EXCEL),
        ("sales.parquet", b"", SourceFormat.PARQUET),
        ("upload", b"PAR1....", SourceFormat.PARQUET),
        ("upload", b"PK\x03\x04", SourceFormat.EXCEL),
        ("upload.dat", b"item_id,units", SourceFormat.CSV),
        ("", b"", SourceFormat.CSV),
        ("till.tsv", b"", SourceFormat.CSV),
        ("Sales.parquet.GZ", b"\x1f\x8b\x08\x00", SourceFormat.PARQUET),
        ("sales.csv.gz", b"\x1f\x8b\x08\x00", SourceFormat.CSV),
        ("upload.gz", b"\x1f\x8b\x08\x00", SourceFormat.CSV),
    ],
)
def test_the_name_decides_then_the_content(name: str, first_bytes: bytes, expected: SourceFormat) -> None:
    assert detect_format(name, first_bytes) is expected


@pytest.mark.parametrize("source_format", SourceFormat)
def test_an_empty_file_is_refused_in_every_format(tmp_path: Path, source_format: SourceFormat) -> None:
    path = tmp_path / "upload"
    path.touch()

    with pytest.raises(UnusableFile) as refused:
        open_file(path, source_format)
    assert refused.value.code == "empty_file"


@pytest.mark.integration
def test_a_compressed_file_is_read_as_what_is_in_it(tmp_path: Path) -> None:
    frame = pl.DataFrame({"item_id": ["a", "b"]})
    for name in ("x.csv", "x.parquet"):
        path = tmp_path / f"{name}.gz"
        plain = tmp_path / name
        frame.write_parquet(plain) if name.endswith("parquet") else frame.write_csv(plain)
        path.write_bytes(gzip.compress(plain.read_bytes()))

        (batch,) = open_file(path, detect_format(path.name, path.read_bytes()[:4])).batches()

        assert batch.columns.rows() == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(b"item_id\na\n")[:-6], "unreadable_file"),
        (b"\x1f\x8bno gzip at all", "unreadable_file"),
        (gzip.compress(b""), "empty_file"),
        (gzip.compress(bytes(513 * 1024**2)), "decompression_bomb"),
    ],
    ids=["cut off", "no gzip", "nothing", "a bomb"],
)
def test_a_compressed_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)

    with pytest.raises(UnusableFile) as refused:
        open_file(path, SourceFormat.CSV)
    assert refused.value.code == code
