"""How large a Parquet file becomes when read, worked out without inflating anything.

The metadata of the footer, which pyarrow and polars offer, is not enough: its `total_uncompressed_size` of a column
chunk is a mere statement, and a hostile file puts any number there. What a decoder allocates by is the size in the
header of each page, and neither library lets us read page headers alone (docs/adr/0004 has the figures, and what was
considered instead). So this module reads two Thrift structs in the compact protocol (parquet-format and the Thrift
compact protocol specification; field numbers are those of parquet.thrift): the footer for where each column chunk lies,
each page's header for what the page inflates to. It refuses what it cannot read; polars reads the file after it, and
may refuse more.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from shared.domain.imports.import_errors import DecompressionBomb, UnreadableFile

_MAGIC = b"PAR1"
_MAX_PAGES = 200_000
_MAX_PAGE_HEADER_BYTES = 64 * 1024  # statistics in a header hold two values of the column
_MAX_DEPTH = 16

# Thrift compact types.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


@dataclass(frozen=True)
class DeclaredSize:
    rows: int
    inflated_bytes: int


def declared(path: Path) -> DeclaredSize:
    """Rows of the footer, and inflated bytes summed over every page header; raises UnusableFile."""
    try:
        with path.open("rb") as file:
            footer = _footer(file)
            inflated = pages = 0
            for row_group in footer[4]:
                for chunk in row_group[1]:
                    chunk_pages, chunk_bytes = _chunk(file, chunk[3], _MAX_PAGES - pages)
                    pages += chunk_pages
                    inflated += chunk_bytes
            return DeclaredSize(rows=sum(row_group[3] for row_group in footer[4]), inflated_bytes=inflated)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, struct.error, OSError) as error:
        raise UnreadableFile("the file is no readable Parquet file: its footer is broken") from error


def _footer(file: BinaryIO) -> Mapping[int, Any]:
    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if tail[4:] != _MAGIC:
        raise UnreadableFile("the file is no Parquet file: it does not end in PAR1")
    length = struct.unpack("<I", tail[:4])[0]
    if length > size - 8:
        raise ValueError("footer longer than the file")
    file.seek(size - 8 - length)
    return _Compact(file.read(length)).read_struct()


def _chunk(file: BinaryIO, meta: Mapping[int, Any], most_pages: int) -> tuple[int, int]:
    """(pages, inflated bytes) of a column chunk. ColumnMetaData: 7 compressed size, 9 data and 11 dictionary offset."""
    position = min(meta[9], meta.get(11) or meta[9])
    end = position + meta[7]
    pages = inflated = 0
    while position < end:
        file.seek(position)
        reader = _Compact(file.read(_MAX_PAGE_HEADER_BYTES))
        header = reader.read_struct()  # PageHeader: 2 inflated size, 3 compressed size
        if header[2] < 0 or header[3] < 0:
            raise ValueError("negative page size")
        inflated += header[2]
        position += reader.position + header[3]
        pages += 1
        if pages > most_pages:
            raise DecompressionBomb(f"the Parquet file has more than {_MAX_PAGES:,} pages")
    return pages, inflated


class _Compact:
    """Reads Thrift compact structs into {field number: value}."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read_struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind == _DOUBLE:
            return self._take(8)
        if kind == _BINARY:
            return self._take(self._unsigned())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.read_struct(depth + 1)
        raise ValueError(f"thrift type {kind}")  # maps do not occur in parquet.thrift

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        length = head >> 4 if head >> 4 < 15 else self._unsigned()
        if length > len(self._data):
            raise ValueError("list longer than its data")
        kind = head & 15
        if kind in (_TRUE, _FALSE):  # in a list, each boolean is a byte
            return [self._byte() for _ in range(length)]
        return [self._value(kind, depth + 1) for _ in range(length)]

    def _byte(self) -> int:
        value = self._data[self.position]
        self.position += 1
        return value

    def _take(self, length: int) -> bytes:
        taken = self._data[self.position : self.position + length]
        if len(taken) != length:
            raise IndexError("past the end")
        self.position += length
        return taken

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
