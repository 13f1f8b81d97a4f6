from __future__ import annotations

import io
import itertools
import os
from pathlib import Path

import pytest
from google.api_core.exceptions import Conflict, NotFound, PreconditionFailed
from google.cloud.storage import Bucket

from shared.config import Config
from shared.object_storage import storage_client

_numbers = itertools.count()
_CHUNK = 256 * 1024


@pytest.fixture
def bucket(cloud_config: Config) -> Bucket:
    return storage_client(cloud_config).create_bucket(f"bucket-{next(_numbers)}")


@pytest.mark.parametrize("size", [0, 1, _CHUNK, 3 * _CHUNK + 17])
def test_round_trip_at_once_and_in_pieces(bucket: Bucket, size: int) -> None:
    content = os.urandom(size)
    for name, chunk in (("at once", None), ("in pieces", _CHUNK)):
        blob = bucket.blob(name, chunk_size=chunk)
        blob.upload_from_file(io.BytesIO(content), content_type="text/csv", checksum="crc32c")
        found = bucket.get_blob(name)
        assert (found.size, found.content_type, found.generation) == (size, "text/csv", blob.generation)
        assert found.download_as_bytes() == content


def test_upload_of_unknown_length_and_reading_in_ranges(bucket: Bucket, tmp_path: Path) -> None:
    content = os.urandom(5 * _CHUNK + 3)
    blob = bucket.blob("clients/demo/ü ?#%2F/invoice lines.csv")
    with blob.open("wb", chunk_size=_CHUNK) as writer:
        for first in range(0, len(content), 100_000):
            writer.write(content[first : first + 100_000])
    with blob.open("rb", chunk_size=_CHUNK) as reader:
        assert reader.read(10) == content[:10]
        reader.seek(4 * _CHUNK)
        assert reader.read() == content[4 * _CHUNK :]
    blob.download_to_filename(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    assert blob.download_as_bytes(start=5, end=9) == content[5:10]


def test_metadata_listing_and_deletion(bucket: Bucket) -> None:
    for name in ("a/1", "a/2", "b/1"):
        blob = bucket.blob(name)
        blob.metadata = {"rows": "3"}
        blob.upload_from_string(b"x")
    listed = list(bucket.list_blobs(prefix="a/", page_size=1))
    assert [blob.name for blob in listed] == ["a/1", "a/2"]
    assert listed[0].metadata == {"rows": "3"}
    bucket.blob("a/1").delete()
    assert not bucket.blob("a/1").exists()
    assert bucket.blob("a/2").exists()
    with pytest.raises(NotFound):
        bucket.blob("a/1").delete()
    with pytest.raises(NotFound):
        bucket.blob("a/1").download_as_bytes()


def test_generation_preconditions(bucket: Bucket) -> None:
    blob = bucket.blob("once")
    blob.upload_from_string(b"first", if_generation_match=0)
    first = blob.generation
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"second", if_generation_match=0)
    assert blob.download_as_bytes() == b"first"
    blob.upload_from_string(b"third", if_generation_match=first)
    assert blob.generation > first
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=first)
    with pytest.raises(PreconditionFailed):
        blob.download_as_bytes(if_generation_match=first)
    blob.delete(if_generation_match=blob.generation)


def test_buckets(bucket: Bucket, cloud_config: Config) -> None:
    storage = storage_client(cloud_config)
    assert storage.bucket(cloud_config.upload_bucket).exists()
    assert not storage.bucket("no-such-bucket").exists()
    with pytest.raises(Conflict):
        storage.create_bucket(bucket.name)
    with pytest.raises(NotFound):
        storage.bucket("no-such-bucket").blob("x").upload_from_string(b"x")
