"""Blocks that are done, kept in the bucket until their shard is: a shard that is killed goes on where it was.

One object a block, `checkpoints/{client}/{run}/{index}-{count}/{digest}`: an archive of a Parquet file a table. It is
written whole or not at all, and its checksums show what was damaged since. Checkpoints only save time: where the bucket
is out of reach a shard goes on without, and one that cannot be read is forecast again. Those of a run that nobody takes
up again go with whatever else was left in the bucket, by its lifecycle rule (infra/terraform/storage.tf).
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from forecast_job.progress import Progress
from forecast_job.results import COMPRESSION, TABLES, BlockTables, RunKey, arrow_schema
from shared.config import Config
from shared.domain.forecast_request import ForecastRequest
from shared.firestore.tenant import document_key

if TYPE_CHECKING:
    from google.cloud.storage import Blob

T = TypeVar("T")

_PATIENCE_S = 30.0  # with a bucket that does not answer
_TIMEOUT_S = (10.0, 60.0)  # to be connected, and between two pieces of an answer
_LINE_LENGTH = 200


def block_digest(key: RunKey, wanted: ForecastRequest, engine: str, item_ids: Sequence[str]) -> str:
    """A name for what decides a block's rows, apart from the client's demand: the same in every attempt of a run."""
    future = [vars(day) | {"date_local": day.date_local.isoformat()} for day in wanted.future]
    run = [key.client_id, key.run_id, key.run_date.isoformat(), wanted.horizon_days, wanted.backtest, engine]
    text = json.dumps([run, future, list(item_ids)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Checkpoints:
    """Those of one shard, `step` of its run ("0-3"). What goes wrong with them is said, and stops nothing."""

    def __init__(
        self, config: Config, key: RunKey, step: str, progress: Progress, patience_s: float = _PATIENCE_S
    ) -> None:
        self._config, self._progress, self._patience_s = config, progress, patience_s
        self._prefix = f"checkpoints/{key.client_id}/{document_key(key.run_id)}/{step}/"
        self._within_reach = True

    @cached_property
    def _left_before(self) -> frozenset[str]:
        """The digests that earlier attempts left; one request, when first asked."""
        nothing: list[str] = []
        names = self._attempt(lambda: [blob.name for blob in self._blobs()], nothing)
        return frozenset(name.removeprefix(self._prefix) for name in names)

    def fetch(self, digest: str) -> BlockTables | None:
        """The block's rows as an earlier attempt left them; None when it left none that can be used."""
        if digest not in self._left_before:
            return None
        try:
            data = self._attempt(lambda: self._download(digest), None)
            return None if data is None else _unpacked(data)
        except _damages() as error:
            self._progress.say(
                f"a checkpoint cannot be used, its block is forecast again: {_line(error)}",
                "WARNING",
                checkpoint=self._prefix + digest,
            )
            return None

    def keep(self, digest: str, block: BlockTables) -> None:
        """Keep the rows of a block that is done."""
        if self._within_reach:
            data = _packed(block)
            self._attempt(lambda: self._blob(digest).upload_from_string(data, **self._patience()), None)

    def clear(self) -> None:
        """Remove them all: nobody will ask for them any more."""

        def remove() -> None:
            bucket = self._config.storage.bucket(self._config.upload_bucket)
            bucket.delete_blobs(list(self._blobs()), on_error=_gone_already, **self._patience())

        self._attempt(remove, None)

    def _attempt(self, act: Callable[[], T], otherwise: T) -> T:
        """What `act` gives; `otherwise` from the first time on that the bucket does not do what it is asked."""
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        if not self._within_reach:
            return otherwise
        try:
            return act()
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            self._within_reach = False
            self._progress.say(
                f"no checkpoints from here on, what a killed shard does now is done again: {_line(error)}",
                "WARNING",
                bucket=self._config.upload_bucket,
            )
            return otherwise

    def _download(self, digest: str) -> bytes | None:
        from google.api_core.exceptions import NotFound

        try:
            return self._blob(digest).download_as_bytes(**self._patience())
        except NotFound:  # another attempt of the same shard has come to its end meanwhile
            return None

    def _blobs(self) -> Iterable[Blob]:
        return self._config.storage.list_blobs(self._config.upload_bucket, prefix=self._prefix, **self._patience())

    def _blob(self, digest: str) -> Blob:
        return self._config.storage.bucket(self._config.upload_bucket).blob(self._prefix + digest)

    def _patience(self) -> dict[str, Any]:
        from google.cloud.storage.retry import DEFAULT_RETRY

        return {"timeout": _TIMEOUT_S, "retry": DEFAULT_RETRY.with_timeout(self._patience_s)}


def _gone_already(_: Blob) -> None:
    """Another attempt of the same shard may have removed it."""


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
    """What a damaged object, or one of another version of this code, is recognised by."""
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


def _line(error: BaseException) -> str:
    return " ".join((str(error).strip() or type(error).__name__).split())[:_LINE_LENGTH]
