"""Finished blocks, kept in the bucket until their shard is finished: a shard that is killed resumes where it stopped.

One object a block, `checkpoints/{client}/{run}/{index}-{count}/{digest}`: an archive of a Parquet file a table. It is
written whole or not at all, and its checksums show what was damaged since. Checkpoints only save time: without the
bucket a shard works without them, and a block whose checkpoint cannot be read is forecast again. The lifecycle rule of
the bucket removes those of a run that is never resumed.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from forecast_job.progress import JobProgress, in_a_line
from forecast_job.results.result_files import COMPRESSION, TABLES, BlockTables, RunKey, arrow_schema
from forecast_job.run.bucket import Bucket
from shared.domain.forecast_request import ForecastRequest
from shared.firestore.tenant import document_key


def block_digest(key: RunKey, request: ForecastRequest, engine: str, item_ids: Sequence[str]) -> str:
    """A name for what decides a block's rows, apart from the client's demand: the same in every attempt of a run."""
    future = [vars(day) | {"date_local": day.date_local.isoformat()} for day in request.future]
    run = [key.client_id, key.run_id, key.run_date.isoformat(), request.horizon_days, request.backtest, engine]
    text = json.dumps([run, future, list(item_ids)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Checkpoints:
    """The checkpoints of one shard, `step` of its run ("0-3"). A failure to read or write one is logged, and stops
    nothing."""

    def __init__(self, bucket: Bucket, key: RunKey, step: str, progress: JobProgress) -> None:
        self._bucket, self._progress = bucket, progress
        self._prefix = f"checkpoints/{key.client_id}/{document_key(key.run_id)}/{step}/"

    @cached_property
    def _left_before(self) -> frozenset[str]:
        """The digests that earlier attempts left; one request, when first asked."""
        return frozenset(name.removeprefix(self._prefix) for name in self._bucket.names(self._prefix))

    def fetch(self, digest: str) -> BlockTables | None:
        """The block's rows as an earlier attempt left them; None when it left none that can be used."""
        if digest not in self._left_before:
            return None
        try:
            data = self._bucket.read(self._prefix + digest)
            return None if data is None else _unpacked(data)
        except _damages() as error:
            self._progress.say(
                f"a checkpoint cannot be used, its block is forecast again: {in_a_line(error)}",
                "WARNING",
                checkpoint=self._prefix + digest,
            )
            return None

    def keep(self, digest: str, block: BlockTables) -> None:
        """Keep the rows of a block that is done."""
        self._bucket.write(self._prefix + digest, lambda: _packed(block))

    def clear(self) -> None:
        """Remove them all: nobody needs them any more."""
        self._bucket.remove(self._prefix)


def _packed(block: BlockTables) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, rows in block.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                pq.write_table(rows, entry, compression=COMPRESSION)
    return file.getvalue()


def _unpacked(data: bytes) -> BlockTables:
    """What was packed; raises one of `_damages` for anything else."""
    block = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for table in TABLES:
            rows = pq.read_table(pa.BufferReader(archive.read(table.name)))
            if rows.schema != arrow_schema(table):
                raise ValueError(f"its rows of {table.name} have other columns")
            block[table.name] = rows
    return block


def _damages() -> tuple[type[Exception], ...]:
    """The errors by which a damaged object, or one of another version of this code, is recognised."""
    from google.cloud.storage.exceptions import DataCorruption

    return (
        zipfile.BadZipFile,
        struct.error,
        pa.ArrowException,
        EOFError,
        LookupError,
        RuntimeError,
        ValueError,
        DataCorruption,
    )
