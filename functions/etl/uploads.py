"""Uploaded files in the bucket, from the request that brings one to the import that reads it.

An upload that no import picks up is removed by the bucket's lifecycle rule (infra/terraform).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from shared.config import Config
from shared.domain.errors import NotFound
from shared.object_storage import storage_client

if TYPE_CHECKING:
    from google.cloud.storage import Blob

_TIMEOUT_S = 120


class UploadGone(NotFound):
    """The uploaded file is no longer stored."""

    code = "upload_gone"


def object_name(client_id: str, operation_id: str) -> str:
    """Where an import's file lies: the same for a repeated request."""
    return f"{client_id}/imports/{operation_id}"


def store(config: Config, name: str, content: IO[bytes]) -> None:
    """Write the file from its start; once stored it can be read by every function."""
    _blob(config, name).upload_from_file(content, rewind=True, timeout=_TIMEOUT_S)


def fetch(config: Config, name: str, path: Path) -> None:
    """Copy the file to a local path, streamed; raises NotFound when it is gone."""
    from google.api_core.exceptions import NotFound as Gone

    try:
        _blob(config, name).download_to_filename(str(path), timeout=_TIMEOUT_S)
    except Gone as error:
        raise UploadGone("the uploaded file is no longer there; import it again") from error


def remove(config: Config, name: str) -> None:
    """Delete the file; nothing happens when it is gone already."""
    from google.api_core.exceptions import NotFound as Gone

    with suppress(Gone):
        _blob(config, name).delete(timeout=_TIMEOUT_S)


def _blob(config: Config, name: str) -> Blob:
    return storage_client(config).bucket(config.upload_bucket).blob(name)
