"""What openpyxl holds in memory of a workbook's parts at once, limited before it reads any.

It streams a sheet row by row and the shared strings text by text, and reads other parts whole; a byte of XML becomes up
to twenty of Python. So a row, a text and every other part has a largest size. Large parts are gone through once with
expat, which keeps nothing: where an element ends is all that is looked at, so a comment or CDATA that looks like an end
is none.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from xml.parsers import expat

from shared.domain.imports.import_errors import DecompressionBomb, TooMuchText

_MAX_STRING_BYTES = 1024**2  # 32,767 characters and their formats
_MAX_STRINGS = 4_000_000
_MAX_ROW_BYTES = 8 * 1024**2  # 16,384 cells
_MAX_ROWS = 1_048_576
_MAX_PART_BYTES = 16 * 1024**2
_BLOCK_BYTES = 256 * 1024
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEETS = "xl/worksheets/"
_STRINGS = "sharedstrings.xml"
# Parts that may be large, and that nothing here opens.
_UNREAD = (
    "xl/media/",
    "xl/pivotcache/",
    "xl/drawings/",
    "xl/embeddings/",
    "xl/charts/",
    "xl/vbaproject.bin",
    "customxml/",
)


def refuse_large_parts(path: Path) -> None:
    """Raises UnusableFile for a row, a shared string or another part that is too large; BadZipFile and the like."""
    with zipfile.ZipFile(path) as archive:
        sheets, strings = _named_elsewhere(archive)
        for entry in archive.infolist():
            name = entry.filename.lower().lstrip("/")
            if name.endswith(_STRINGS) or name in strings:
                if entry.file_size > _MAX_STRING_BYTES:
                    _check(archive, entry, "si", _MAX_STRING_BYTES, _MAX_STRINGS)
            elif name.startswith(_SHEETS) or name in sheets:
                if entry.file_size > _MAX_ROW_BYTES:
                    _check(archive, entry, "row", _MAX_ROW_BYTES, _MAX_ROWS)
            elif entry.file_size > _MAX_PART_BYTES and not name.startswith(_UNREAD):
                raise DecompressionBomb(
                    f"part {entry.filename[:80]!r} of the workbook has {entry.file_size:,} bytes, at most "
                    f"{_MAX_PART_BYTES:,} are read"
                )


def _named_elsewhere(archive: zipfile.ZipFile) -> tuple[set[str], set[str]]:
    """The parts that relationships and content types say are sheets and shared strings, whatever their names are."""
    sheets: set[str] = set()
    strings: set[str] = set()

    def began(element: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("Type") or attributes.get("ContentType") or ""
        part = attributes.get("Target") or attributes.get("PartName") or ""
        found = sheets if "worksheet" in kind else strings if "sharedStrings" in kind else None
        if found is not None:
            # Of the workbook, whose folder its targets are relative to; one that starts with a slash is of the archive.
            found.update((posixpath.normpath(posixpath.join("xl", part)).lower(), part.lower().lstrip("/")))

    for entry in archive.infolist():
        name = entry.filename.lower()
        if name.endswith((".rels", "[content_types].xml")) and entry.file_size <= _MAX_PART_BYTES:
            parser = _parser()
            parser.StartElementHandler = began
            with suppress(expat.ExpatError):  # openpyxl comes as far, and says so
                parser.Parse(archive.read(entry), True)
    return sheets, strings


def _parser(namespace_separator: str | None = None) -> expat.XMLParserType:
    """One that an entity is an error to."""

    def declared(*_: object) -> None:
        raise expat.ExpatError("an entity is declared")

    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.EntityDeclHandler = declared
    return parser


def _check(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, tag: str, most_bytes: int, most: int) -> None:
    """Every `tag` ends at most so many bytes behind the one before, and there are at most so many."""
    name = f"{_NAMESPACE} {tag}"
    parser = _parser(" ")
    last = count = 0

    def ended(element: str) -> None:
        nonlocal last, count
        if element == name:
            refuse_beyond(parser.CurrentByteIndex)
            last = parser.CurrentByteIndex
            count += 1

    def refuse_beyond(position: int) -> None:
        if position - last > most_bytes:
            raise TooMuchText(
                f"part {entry.filename[:80]!r} of the workbook has <{tag}> number {count + 1:,} of more than "
                f"{most_bytes:,} bytes, which is the most that is read"
            )
        if count > most:
            raise TooMuchText(f"part {entry.filename[:80]!r} of the workbook has more than {most:,} <{tag}>")

    parser.EndElementHandler = ended
    read = 0
    with archive.open(entry) as file:
        while block := file.read(_BLOCK_BYTES):
            try:
                parser.Parse(block)
            except expat.ExpatError:
                return  # openpyxl comes as far, and says so
            read += len(block)
            refuse_beyond(read - _BLOCK_BYTES)
