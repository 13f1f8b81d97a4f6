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
    api = Blueprint("storage", __name__)
    uploads: dict[str, Upload] = {}

    @api.post("/storage/v1/b")
    def insert_bucket() -> Response:
        name = request.get_json()["name"]
        return _json(_bucket(name)) if store.create_bucket(name) else _error(409, f"bucket {name!r} exists")

    @api.get("/storage/v1/b/<bucket>")
    def get_bucket(bucket: str) -> Response:
        return _json(_bucket(bucket)) if store.has_bucket(bucket) else _error(404, f"no bucket {bucket!r}")

    @api.get("/storage/v1/b/<bucket>/o")
    def list_objects(bucket: str) -> Response:
        found = [_described(one) for one in store.objects(bucket, request.args.get("prefix", ""))]
        first = int(request.args.get("pageToken") or 0)
        last = first + int(request.args.get("maxResults") or 1000)
        more = {"nextPageToken": str(last)} if last < len(found) else {}
        return _json({"kind": "storage#objects", "items": found[first:last], **more})

    @api.get("/download/storage/v1/b/<bucket>/o/<path:name>", endpoint="download")
    @api.get("/storage/v1/b/<bucket>/o/<path:name>")
    def get_object(bucket: str, name: str) -> Response:
        stored, data = store.get(bucket, name, _precondition())
        if request.args.get("alt") != "media":
            return _json(_described(stored))
        response = send_file(data, mimetype=stored.content_type, conditional=True, etag=str(stored.generation))
        response.headers["X-Goog-Generation"] = str(stored.generation)
        response.headers["X-Goog-Hash"] = f"crc32c={stored.crc32c},md5={stored.md5}"
        return response

    @api.delete("/storage/v1/b/<bucket>/o/<path:name>")
    def delete_object(bucket: str, name: str) -> Response:
        store.delete(bucket, name, _precondition())
        return Response(status=204)

    @api.post("/upload/storage/v1/b/<bucket>/o")
    def upload_object(bucket: str) -> Response:
        kind = request.args.get("uploadType")
        if kind == "multipart":
            metadata, data = _multipart()
            return _upload_at_once(bucket, metadata, iter((data,)))
        if kind == "media":
            return _upload_at_once(bucket, {"contentType": request.content_type}, _body())
        metadata = request.get_json(silent=True) or {}
        metadata.setdefault("contentType", request.headers.get("X-Upload-Content-Type"))
        upload = store.begin(bucket, _name(metadata), metadata, _precondition())
        uploads[upload.id] = upload
        session = f"{request.base_url}?uploadType=resumable&upload_id={upload.id}"
        return Response(status=200, headers={"Location": session, "X-GUploader-UploadID": upload.id})

    @api.put("/upload/storage/v1/b/<bucket>/o")
    def continue_upload(bucket: str) -> Response:
        upload = uploads.get(request.args.get("upload_id", ""))
        if upload is None or upload.bucket != bucket:
            return _error(404, "no such upload")
        given = _CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", "bytes 0-0/*"))
        if given is None:
            return _error(400, "the Content-Range cannot be read")
        if given["first"] and int(given["first"]) != upload.size:
            return _error(400, f"the next byte to send is number {upload.size}")
        if given["first"]:
            upload.append(_body())
        if "Content-Range" in request.headers and given["total"] in ("*", None):
            return _incomplete(upload)
        if given["total"] not in ("*", str(upload.size)):
            return _incomplete(upload)
        del uploads[upload.id]
        return _json(_described(store.commit(upload)))

    def _upload_at_once(bucket: str, metadata: dict[str, Any], chunks: Iterator[bytes]) -> Response:
        upload = store.begin(bucket, _name(metadata), metadata, _precondition())
        upload.append(chunks)
        return _json(_described(store.commit(upload)))

    @api.errorhandler(BucketMissingError)
    @api.errorhandler(ObjectMissingError)
    def missing(error: LookupError) -> Response:
        return _error(404, str(error))

    @api.errorhandler(PreconditionFailedError)
    def changed(error: PreconditionFailedError) -> Response:
        return _error(412, str(error))

    return api


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
