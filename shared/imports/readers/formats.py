"""Opening a file: which format it is, and the reader for it, imported only then: a cold start names formats."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from shared.domain.imports.import_errors import DecompressionBomb, EmptyFile, UnreadableFile
from shared.imports.readers.file_reading import FOUND, FileReading, HeaderFit, no_names

if TYPE_CHECKING:
    from shared.imports.readers.record_source import RecordSource


class SourceFormat(StrEnum):
    CSV = "csv"
    EXCEL = "excel"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": SourceFormat.CSV,
    ".tsv": SourceFormat.CSV,
    ".tab": SourceFormat.CSV,
    ".txt": SourceFormat.CSV,
    ".xlsx": SourceFormat.EXCEL,
    ".xlsm": SourceFormat.EXCEL,
    ".xls": SourceFormat.EXCEL,
    ".parquet": SourceFormat.PARQUET,
    ".pq": SourceFormat.PARQUET,
}
_MAGIC = {b"PAR1": SourceFormat.PARQUET, b"PK\x03\x04": SourceFormat.EXCEL, b"\xd0\xcf\x11\xe0": SourceFormat.EXCEL}
_GZIP = b"\x1f\x8b"
_BLOCK_BYTES = 1024**2


def detect_format(file_name: str, first_bytes: bytes) -> SourceFormat:
    """The format that the file's name says, .gz at its end or not, else its first bytes, else CSV."""
    name = Path(file_name.lower())
    suffix = Path(name.stem).suffix if name.suffix == ".gz" else name.suffix
    return _SUFFIXES.get(suffix) or _MAGIC.get(first_bytes[:4]) or SourceFormat.CSV


def open_file(
    path: Path,
    source_format: SourceFormat,
    reading: FileReading = FOUND,
    fit: HeaderFit = no_names,
    on_wait: Callable[[], object] = lambda: None,
) -> RecordSource:
    """Open the file, compressed by gzip or not; raises UnusableFile.

    The table and its header are where `fit` finds the most names of columns. A text is read as it streams, any other
    format is decoded first, in a process of its own; `on_wait` is called every few seconds meanwhile.
    """
    if path.stat().st_size == 0:
        raise EmptyFile("the file is empty")
    with path.open("rb") as file:
        compressed = file.read(2) == _GZIP
    plain = _inflated(path) if compressed else path
    if source_format is SourceFormat.CSV:
        return read_here(plain, source_format, reading, fit)
    from shared.imports.decoding import decode

    return decode(plain, source_format, reading, fit, on_wait)


def read_here(
    path: Path, source_format: SourceFormat, reading: FileReading = FOUND, fit: HeaderFit = no_names
) -> RecordSource:
    """Open the file with the reader of its format, in this process; raises UnusableFile."""
    # Imported when needed: openpyxl alone takes 100 ms.
    if source_format is SourceFormat.EXCEL:
        from shared.imports.readers.excel import open_excel

        return open_excel(path, reading, fit)
    if source_format is SourceFormat.PARQUET:
        from shared.imports.readers.parquet import open_parquet

        return open_parquet(path)
    from shared.imports.readers.csv import open_csv

    return open_csv(lambda: path.open("rb"), reading, fit)


def _inflated(path: Path) -> Path:
    """The content of a file that gzip has compressed, as a file beside it."""
    import gzip
    import zlib

    from shared.imports.readers.record_source import MAX_INFLATED_BYTES

    inflated, size = path.with_name(f"{path.name}-inflated"), 0
    try:
        with gzip.open(path) as source, inflated.open("wb") as target:
            while block := source.read(_BLOCK_BYTES):
                size += target.write(block)
                if size > MAX_INFLATED_BYTES:
                    raise DecompressionBomb(
                        f"the file inflates to more than {MAX_INFLATED_BYTES:,} bytes, which is the most that is read: "
                        "split it"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"the file is no readable gzip file: {error}") from error
    if size == 0:
        raise EmptyFile("the file is empty")
    return inflated
