"""Versions of single resources: the document's update time, given as an ETag and compared with If-Match."""

from __future__ import annotations

from flask import request

from shared.domain.versions import ANY_VERSION, ExpectedVersion


def etag(version: str) -> dict[str, str]:
    """The header that goes with a resource of this version."""
    return {"ETag": f'"{version}"'}


def expected_version() -> ExpectedVersion:
    """The versions that the request's If-Match names; weak ones match nothing. Any without If-Match, or with `*`."""
    tags = request.if_match
    if tags.star_tag or not tags:
        return ANY_VERSION
    return ExpectedVersion(frozenset(tags.as_set()), request.headers["If-Match"])
