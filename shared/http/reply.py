"""What an endpoint answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, current_app


@dataclass(frozen=True)
class Reply:
    """A body with its status and headers; no body: no content."""

    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def response_of(answer: object) -> Response:
    """The response to what an endpoint returned: a Reply, a body alone, None for 204, or a response as it is."""
    if isinstance(answer, Response):
        return answer
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    if reply.body is None:
        return Response(status=204, headers=dict(reply.headers))
    return Response(
        current_app.json.dumps(reply.body),
        status=reply.status,
        headers=dict(reply.headers),
        content_type="application/json",
    )
