"""Buckets and objects as files: one for the bytes and one for the metadata of each object."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import google_crc32c


class BucketMissingError(LookupError):
    """There is no bucket of this name."""


class ObjectMissingError(LookupError):
    """There is no object of this name."""


class PreconditionFailedError(Exception):
    """The object is at another generation than the caller requires."""


@dataclass(frozen=True)
class Precondition:
    """Generations that the caller requires; 0 stands for "there is none", None for "whatever"."""

    match: int | None = None
    not_match: int | None = None

    def check(self, generation: int) -> None:
        if (self.match is not None and self.match != generation) or self.not_match == generation:
            raise PreconditionFailedError(f"the object is at generation {generation}")


@dataclass(frozen=True)
class StoredObject:
    """An object's metadata; checksums in base64, as the API has them."""

    bucket: str
    name: str
    content_type: str
    size: int
    generation: int
    crc32c: str
    md5: str
    created: str
    custom: dict[str, str]


class Upload:
    """An upload in progress: bytes are appended to a temporary file until it is committed."""

    def __init__(
        self, bucket: str, name: str, metadata: dict[str, Any], precondition: Precondition, file: Path
    ) -> None:
        self.id = uuid4().hex
        self.bucket = bucket
        self.name = name
        self.metadata = metadata
        self.precondition = precondition
        self.size = 0
        self._file = file
        self._crc32c = google_crc32c.Checksum()
        self._md5 = hashlib.md5(usedforsecurity=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")

    def append(self, chunks: Iterable[bytes]) -> None:
        with self._file.open("ab") as file:
            for chunk in chunks:
                file.write(chunk)
                self._crc32c.update(chunk)
                self._md5.update(chunk)
                self.size += len(chunk)

    def described(self) -> StoredObject:
        return StoredObject(
            bucket=self.bucket,
            name=self.name,
            content_type=self.metadata.get("contentType") or "application/octet-stream",
            size=self.size,
            generation=0,
            crc32c=base64.b64encode(self._crc32c.digest()).decode(),
            md5=base64.b64encode(self._md5.digest()).decode(),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            custom=self.metadata.get("metadata") or {},
        )

    def move_to(self, target: Path) -> None:
        self._file.replace(target)


class ObjectStore:
    """All buckets, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def create_bucket(self, name: str) -> bool:
        """Create a bucket; returns whether it is new."""
        try:
            (self._folder / _safe(name)).mkdir(parents=True)
        except FileExistsError:
            return False
        return True

    def has_bucket(self, name: str) -> bool:
        return (self._folder / _safe(name)).is_dir()

    def begin(self, bucket: str, name: str, metadata: dict[str, Any], precondition: Precondition) -> Upload:
        """Start an upload. Raises BucketMissingError."""
        return Upload(bucket, name, metadata, precondition, self._bucket(bucket) / "uploads" / uuid4().hex)

    def commit(self, upload: Upload) -> StoredObject:
        """Make an upload the object. Raises PreconditionFailedError."""
        data, metadata = self._files(upload.bucket, upload.name)
        with self._lock:
            existing = self._find(metadata)
            upload.precondition.check(0 if existing is None else existing.generation)
            stored = replace(upload.described(), generation=time.time_ns() // 1000)
            upload.move_to(data)
            new = metadata.with_suffix(".new")
            new.write_text(json.dumps(asdict(stored)))
            os.replace(new, metadata)
        return stored

    def get(self, bucket: str, name: str, precondition: Precondition = Precondition()) -> tuple[StoredObject, Path]:
        """Metadata and the file that holds the bytes. Raises ObjectMissingError, PreconditionFailedError."""
        data, metadata = self._files(bucket, name)
        stored = self._find(metadata)
        if stored is None:
            raise ObjectMissingError(f"no object {name!r} in bucket {bucket!r}")
        precondition.check(stored.generation)
        return stored, data

    def delete(self, bucket: str, name: str, precondition: Precondition) -> None:
        """Raises ObjectMissingError, PreconditionFailedError."""
        with self._lock:
            self.get(bucket, name, precondition)
            data, metadata = self._files(bucket, name)
            metadata.unlink()
            data.unlink()

    def objects(self, bucket: str, prefix: str) -> list[StoredObject]:
        """Objects whose name starts with `prefix`, by name."""
        found = (self._find(file) for file in self._bucket(bucket).glob("*.json"))
        return sorted(
            (stored for stored in found if stored and stored.name.startswith(prefix)), key=lambda stored: stored.name
        )

    def _bucket(self, name: str) -> Path:
        folder = self._folder / _safe(name)
        if not folder.is_dir():
            raise BucketMissingError(f"no bucket {name!r}")
        return folder

    def _files(self, bucket: str, name: str) -> tuple[Path, Path]:
        key = hashlib.sha256(name.encode()).hexdigest()
        folder = self._bucket(bucket)
        return folder / key, folder / f"{key}.json"

    @staticmethod
    def _find(metadata: Path) -> StoredObject | None:
        try:
            return StoredObject(**json.loads(metadata.read_text()))
        except FileNotFoundError:
            return None


def _safe(bucket: str) -> str:
    if not bucket.replace("-", "").replace("_", "").replace(".", "").isalnum() or bucket.startswith("."):
        raise BucketMissingError(f"no bucket {bucket!r}")
    return bucket
