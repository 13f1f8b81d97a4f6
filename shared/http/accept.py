"""What the request would rather have, where an answer comes in several forms."""

from __future__ import annotations

from flask import request

_JSON = "application/json"


def accepts(media_type: str) -> bool:
    """Whether the request's Accept prefers this media type to JSON, which is what comes without a preference."""
    return request.accept_mimetypes.best_match([_JSON, media_type], default=_JSON) == media_type
