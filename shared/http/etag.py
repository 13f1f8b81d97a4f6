"""Versions of single resources: the document's update time, given as an ETag; If-Match and If-None-Match name it."""

from __future__ import annotations

import re

from flask import request

from shared.domain.versions import ANY_VERSION, ExpectedVersion
from shared.http.refusals import MalformedEntityTag

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')  # RFC 9110, 8.8.3
_PART = re.compile(r'(?:"[^"]*"|[^,"])+')  # between commas that are not in quotes


def etag(version: str) -> dict[str, str]:
    """The header that goes with a resource of this version."""
    return {"ETag": f'"{version}"'}


def expected_version() -> ExpectedVersion:
    """The versions that the request's If-Match names; weak ones match nothing. Any without If-Match, or with `*`.

    Raises MalformedEntityTag for a header that names none: ignoring it would overwrite what it should have guarded.
    """
    tags = _tags("If-Match")
    if tags is None or "*" in tags:
        return ANY_VERSION
    return ExpectedVersion(frozenset(tag[1:-1] for tag in tags if tag.startswith('"')), request.headers["If-Match"])


def is_known(version: str) -> bool:
    """Whether the request's If-None-Match names this version, weak or not; also `*`. Raises as `expected_version`."""
    tags = _tags("If-None-Match")
    return tags is not None and ("*" in tags or f'"{version}"' in {tag.removeprefix("W/") for tag in tags})


def _tags(header: str) -> list[str] | None:
    """The entity tags of the header, each with its quotes; None without the header."""
    text = request.headers.get(header)
    if text is None:
        return None
    parts = [part for part in (match[0].strip() for match in _PART.finditer(text)) if part]
    if not parts or (parts != ["*"] and not all(_TAG.fullmatch(part) for part in parts)):
        raise MalformedEntityTag(f"{header} is {text!r}; allowed: an ETag in double quotes, several of them, or *")
    return parts
