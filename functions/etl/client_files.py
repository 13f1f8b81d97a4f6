"""The files of a client's exports in the bucket, and all else that lies there for a client.

`{client_id}/exports/{operation_id}/{name}`; the bucket's lifecycle rule (infra/terraform) removes them after
EXPORT_DAYS.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shared.config import Config
from shared.domain.errors import NotFound
from shared.object_storage import storage_client

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket

EXPORT_DAYS = 7
_TIMEOUT_S = 120
_CHUNK_BYTES = 1024 * 1024


class ExportFileNotFound(NotFound):
    """The export has no such file, or it has expired."""

    code = "export_file_not_found"


def store(config: Config, client_id: str, operation_id: str, file: Path) -> None:
    """Write a file of an export; a repeated attempt writes over it."""
    name = f"{_folder(client_id, operation_id)}{file.name}"
    _bucket(config).blob(name).upload_from_filename(str(file), timeout=_TIMEOUT_S)


def opened(config: Config, client_id: str, operation_id: str, name: str) -> tuple[int, Iterator[bytes]]:
    """The size and the content of a file, as it is read; raises ExportFileNotFound."""
    blob = _bucket(config).get_blob(f"{_folder(client_id, operation_id)}{name}", timeout=_TIMEOUT_S)
    if blob is None:
        raise ExportFileNotFound(
            f"export {operation_id!r} has no file {name!r}, or it is older than {EXPORT_DAYS} days: export again"
        )
    return int(blob.size or 0), _content(blob)


def object_names(config: Config, client_id: str) -> list[str]:
    """The names of all objects of a client: uploads, exports, and what forecasts keep."""
    folders = (f"{client_id}/", f"checkpoints/{client_id}/")
    client = storage_client(config)
    return [
        blob.name
        for folder in folders
        for blob in client.list_blobs(config.upload_bucket, prefix=folder, timeout=_TIMEOUT_S)
    ]


def delete_objects(config: Config, client_id: str) -> None:
    """Delete all objects of a client. Safe to repeat."""
    bucket = _bucket(config)
    bucket.delete_blobs(object_names(config, client_id), on_error=lambda _: None, timeout=_TIMEOUT_S)


def _folder(client_id: str, operation_id: str) -> str:
    return f"{client_id}/exports/{operation_id}/"


def _content(blob: Blob) -> Iterator[bytes]:
    with blob.open("rb", chunk_size=_CHUNK_BYTES) as file:
        while part := file.read(_CHUNK_BYTES):
            yield part


def _bucket(config: Config) -> Bucket:
    return storage_client(config).bucket(config.upload_bucket)
