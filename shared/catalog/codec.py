"""Frames as bytes, and bytes as chunks that fit a Firestore document."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

import polars as pl

CHUNK_BYTES = 900 * 1024


def encode(frame: pl.DataFrame) -> bytes:
    """The frame as a compressed Arrow IPC file.

    The older layout of strings is that of their order in the frame; the newer keeps that of how it was put together, so
    that the same rows read from BigQuery in another order would be other bytes, and be written again.
    """
    buffer = io.BytesIO()
    frame.rechunk().write_ipc(buffer, compression="zstd", compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def decode(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(data))


def split(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(id, bytes) of each chunk. The id is the content's hash: writing the same chunk twice is one document."""
    for start in range(0, len(data), CHUNK_BYTES):
        part = data[start : start + CHUNK_BYTES]
        yield hashlib.sha256(part).hexdigest()[:32], part
