"""Opening a file: which format it is, and the reader for it, imported only then: a cold start names formats."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from shared.domain.imports.import_errors import EmptyFile

if TYPE_CHECKING:
    from shared.imports.readers.record_source import RecordSource


class SourceFormat(StrEnum):
    CSV = "csv"
    EXCEL = "excel"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": SourceFormat.CSV,
    ".txt": SourceFormat.CSV,
    ".xlsx": SourceFormat.EXCEL,
    ".xlsm": SourceFormat.EXCEL,
    ".xls": SourceFormat.EXCEL,
    ".parquet": SourceFormat.PARQUET,
    ".pq": SourceFormat.PARQUET,
}
_MAGIC = {b"PAR1": SourceFormat.PARQUET, b"PK\x03\x04": SourceFormat.EXCEL, b"\xd0\xcf\x11\xe0": SourceFormat.EXCEL}


def detect_format(file_name: str, first_bytes: bytes) -> SourceFormat:
    """The format that the file's name says, else its first bytes, else CSV."""
    return _SUFFIXES.get(Path(file_name).suffix.lower()) or _MAGIC.get(first_bytes[:4]) or SourceFormat.CSV


def open_file(path: Path, source_format: SourceFormat) -> RecordSource:
    """Open the file with the reader of its format; raises UnusableFile."""

    if path.stat().st_size == 0:
        raise EmptyFile("the file is empty")
    return _reader(source_format)(path)


def _reader(source_format: SourceFormat) -> Callable[[Path], RecordSource]:
    # Imported when needed: openpyxl alone takes 100 ms.
    if source_format is SourceFormat.EXCEL:
        from shared.imports.readers.excel import open_excel

        return open_excel
    if source_format is SourceFormat.PARQUET:
        from shared.imports.readers.parquet import open_parquet

        return open_parquet
    from shared.imports.readers.csv import open_csv

    return open_csv
