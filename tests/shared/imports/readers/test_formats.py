"""Which reader a file gets."""

from __future__ import annotations

from pathlib import Path

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
