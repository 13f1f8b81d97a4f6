"""The job's own part of the bucket, `checkpoints/`: it saves time when it is available, and stops nothing when it is
not.

The bucket's lifecycle rule removes what is left in it after a week (infra/terraform/storage.tf).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from forecast_job.progress import JobProgress, in_a_line
from shared.config import Config
from shared.object_storage import storage_client

if TYPE_CHECKING:
    from google.cloud.storage import Blob

T = TypeVar("T")

_PATIENCE_S = 30.0  # with a bucket that does not answer
_TIMEOUT_S = (10.0, 60.0)  # to be connected, and between two pieces of an answer


class Bucket:
    """A failure is logged once; from then on the bucket is not used."""

    def __init__(self, config: Config, progress: JobProgress, patience_s: float = _PATIENCE_S) -> None:
        self._config, self._progress, self._patience_s = config, progress, patience_s
        self._within_reach = True

    def names(self, prefix: str) -> list[str]:
        """The objects whose names begin so. Asked before one is read: the job's account is told of an object that is
        not there that it may not read it."""
        nothing: list[str] = []
        return self._attempt(lambda: [blob.name for blob in self._blobs(prefix)], nothing)

    def read(self, name: str) -> bytes | None:
        """An object that was there; None where somebody has removed it meanwhile. Raises DataCorruption."""
        from google.api_core.exceptions import NotFound

        def download() -> bytes | None:
            try:
                return self._blob(name).download_as_bytes(**self._patience())
            except NotFound:
                return None

        return self._attempt(download, None)

    def write(self, name: str, data: Callable[[], bytes]) -> None:
        """Write an object, whole or not at all; `data` is only made for a bucket that is within reach."""
        if self._within_reach:
            made = data()
            self._attempt(lambda: self._blob(name).upload_from_string(made, **self._patience()), None)

    def remove(self, prefix: str) -> None:
        """Remove the objects whose names begin so."""

        def remove() -> None:
            bucket = storage_client(self._config).bucket(self._config.upload_bucket)
            bucket.delete_blobs(list(self._blobs(prefix)), on_error=_gone_already, **self._patience())

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
                f"no checkpoints from here on, what a killed shard does now is done again: {in_a_line(error)}",
                "WARNING",
                bucket=self._config.upload_bucket,
            )
            return otherwise

    def _blobs(self, prefix: str) -> Iterable[Blob]:
        return storage_client(self._config).list_blobs(self._config.upload_bucket, prefix=prefix, **self._patience())

    def _blob(self, name: str) -> Blob:
        return storage_client(self._config).bucket(self._config.upload_bucket).blob(name)

    def _patience(self) -> dict[str, Any]:
        from google.cloud.storage.retry import DEFAULT_RETRY

        return {"timeout": _TIMEOUT_S, "retry": DEFAULT_RETRY.with_timeout(self._patience_s)}


def _gone_already(_: Blob) -> None:
    """Another attempt of the same shard may have removed it."""
