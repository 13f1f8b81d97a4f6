"""Versions of single resources: the document's update time, given as an ETag and compared with If-Match."""

from __future__ import annotations

from flask import request

from shared.domain.errors import StaleVersion


def etag(version: str) -> dict[str, str]:
    """The header that goes with a resource of this version."""
    return {"ETag": f'"{version}"'}


def check_if_match(version: str) -> None:
    """Raises StaleVersion when the caller names a version that is not the current one; no If-Match: no check."""
    wanted = request.if_match
    if wanted.star_tag or not wanted:
        return
    if not wanted.contains(version):
        raise StaleVersion(
            "stale_version", f'If-Match {request.headers["If-Match"]} is stale; the current version is "{version}"'
        )
