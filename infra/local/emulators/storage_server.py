"""The part of the Cloud Storage JSON API that google-cloud-storage uses to upload, look up, read, list and delete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, send_file

from infra.local.emulators.object_store import (
    BucketMissingError,
    ObjectMissingError,
    ObjectStore,
    Precondition,
    PreconditionFailedError,
    StoredObject,
    Upload,
)

_CHUNK_BYTES = 1024 * 1024
_CONTENT_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


def storage_api(store: ObjectStore) -> Blueprint:
    """The API's routes over this store."""
    api, handlers = Blueprint("storage", __name__), _Handlers(store)
    buckets = "/storage/v1/b"
    objects = f"{buckets}/<bucket>/o"
    named = f"{objects}/<path:name>"
    api.post(buckets)(handlers.insert_bucket)
    api.get(f"{buckets}/<bucket>")(handlers.get_bucket)
    api.get(objects)(handlers.list_objects)
    api.get(named)(handlers.get_object)
    api.get(f"/download{named}", endpoint="download")(handlers.get_object)
    api.delete(named)(handlers.delete_object)
    api.post(f"/upload{objects}")(handlers.begin_upload)
    api.put(f"/upload{objects}")(handlers.continue_upload)
    for kind in (BucketMissingError, ObjectMissingError):
        api.register_error_handler(kind, lambda error: _error(404, str(error)))
    api.register_error_handler(PreconditionFailedError, lambda error: _error(412, str(error)))
    return api


class _Handlers:
    """What each route does. Resumable uploads that have begun are kept until their last byte."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._uploads: dict[str, Upload] = {}

    def insert_bucket(self) -> Response:
        name = request.get_json()["name"]
        return _json(_bucket(name)) if self._store.create_bucket(name) else _error(409, f"bucket {name!r} exists")

    def get_bucket(self, bucket: str) -> Response:
        return _json(_bucket(bucket)) if self._store.has_bucket(bucket) else _error(404, f"no bucket {bucket!r}")

    def list_objects(self, bucket: str) -> Response:
        objects = [_described(stored) for stored in self._store.objects(bucket, request.args.get("prefix", ""))]
        first = int(request.args.get("pageToken") or 0)
        last = first + int(request.args.get("maxResults") or 1000)
        more = {"nextPageToken": str(last)} if last < len(objects) else {}
        return _json({"kind": "storage#objects", "items": objects[first:last], **more})

    def get_object(self, bucket: str, name: str) -> Response:
        stored, data = self._store.get(bucket, name, _precondition())
        if request.args.get("alt") != "media":
            return _json(_described(stored))
        response = send_file(data, mimetype=stored.content_type, conditional=True, etag=str(stored.generation))
        response.headers["X-Goog-Generation"] = str(stored.generation)
        response.headers["X-Goog-Hash"] = f"crc32c={stored.crc32c},md5={stored.md5}"
        return response

    def delete_object(self, bucket: str, name: str) -> Response:
        self._store.delete(bucket, name, _precondition())
        return Response(status=204)

    def begin_upload(self, bucket: str) -> Response:
        """An upload in one request, or the first request of a resumable one."""
        kind = request.args.get("uploadType")
        if kind == "multipart":
            metadata, data = _multipart()
            return self._upload_at_once(bucket, metadata, iter((data,)))
        if kind == "media":
            return self._upload_at_once(bucket, {"contentType": request.content_type}, _body())
        metadata = request.get_json(silent=True) or {}
        metadata.setdefault("contentType", request.headers.get("X-Upload-Content-Type"))
        upload = self._store.begin(bucket, _name(metadata), metadata, _precondition())
        self._uploads[upload.id] = upload
        session = f"{request.base_url}?uploadType=resumable&upload_id={upload.id}"
        return Response(status=200, headers={"Location": session, "X-GUploader-UploadID": upload.id})

    def continue_upload(self, bucket: str) -> Response:
        """The next bytes of a resumable upload, or a question how many have arrived."""
        upload = self._uploads.get(request.args.get("upload_id", ""))
        if upload is None or upload.bucket != bucket:
            return _error(404, "no such upload")
        content_range = _CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", "bytes 0-0/*"))
        if content_range is None:
            return _error(400, "the Content-Range cannot be read")
        first, total = content_range["first"], content_range["total"]
        if first and int(first) != upload.size:
            return _error(400, f"the next byte to send is number {upload.size}")
        if first:
            upload.append(_body())
        if "Content-Range" in request.headers and total in ("*", None):
            return _incomplete(upload)
        if total not in ("*", str(upload.size)):
            return _incomplete(upload)
        del self._uploads[upload.id]
        return _json(_described(self._store.commit(upload)))

    def _upload_at_once(self, bucket: str, metadata: dict[str, Any], chunks: Iterator[bytes]) -> Response:
        upload = self._store.begin(bucket, _name(metadata), metadata, _precondition())
        upload.append(chunks)
        return _json(_described(self._store.commit(upload)))


def _name(metadata: dict[str, Any]) -> str:
    return str(request.args.get("name") or metadata["name"])


def _precondition() -> Precondition:
    match, not_match = (request.args.get(name) for name in ("ifGenerationMatch", "ifGenerationNotMatch"))
    return Precondition(None if match is None else int(match), None if not_match is None else int(not_match))


def _body() -> Iterator[bytes]:
    while chunk := request.stream.read(_CHUNK_BYTES):
        yield chunk


def _multipart() -> tuple[dict[str, Any], bytes]:
    """The metadata and the bytes of a multipart/related body."""
    boundary = b"--" + request.mimetype_params["boundary"].encode()
    body = request.get_data(cache=False)
    second = body.index(boundary, body.index(boundary) + len(boundary))
    head = body[:second].partition(b"\r\n\r\n")[2]
    part = body[second:].partition(b"\r\n\r\n")
    content_type = re.search(rb"content-type:\s*([^\r\n]+)", part[0], re.IGNORECASE)
    metadata = json.loads(head)
    if content_type is not None:
        metadata.setdefault("contentType", content_type[1].decode())
    return metadata, part[2][: part[2].rindex(b"\r\n" + boundary)]


def _incomplete(upload: Upload) -> Response:
    received = {"Range": f"bytes=0-{upload.size - 1}"} if upload.size else {}
    return Response(status=308, headers=received)


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")


def _error(status: int, message: str) -> Response:
    return _json({"error": {"code": status, "message": message}}, status)


def _bucket(name: str) -> dict[str, Any]:
    return {"kind": "storage#bucket", "id": name, "name": name, "location": "LOCAL", "storageClass": "STANDARD"}


def _described(stored: StoredObject) -> dict[str, Any]:
    return {
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{stored.generation}",
        "bucket": stored.bucket,
        "name": stored.name,
        "contentType": stored.content_type,
        "size": str(stored.size),
        "generation": str(stored.generation),
        "metageneration": "1",
        "crc32c": stored.crc32c,
        "md5Hash": stored.md5,
        "etag": str(stored.generation),
        "timeCreated": stored.created,
        "updated": stored.created,
        "metadata": stored.custom,
    }
