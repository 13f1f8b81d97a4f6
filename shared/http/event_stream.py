"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as an answer that goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping

from flask import Response, current_app, request

MEDIA_TYPE = "text/event-stream"
_RETRY_MS = 2_000
_HEARTBEAT = b":\n\n"
# How long what was sent may wait for a peer that takes nothing, or is gone without a word; its thread is free then.
_UNTAKEN_FOR_MS = 60_000


def event_stream(slices: Iterable[bytes], close: Callable[[], None]) -> Response:
    """The response, of which `close` is called once it has ended, however it ends."""
    _give_up_on_who_takes_nothing()
    response = Response(slices, content_type=MEDIA_TYPE)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would collect it
    response.call_on_close(close)
    return response


def caller_is_there() -> Callable[[], bool]:
    """Tells whether the connection of the current request is still open at its other end; always, where the server
    does not show it. Otherwise only sending would tell, the second time."""
    environ = request.environ
    connection: socket.socket | None = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")

    def is_there() -> bool:
        if connection is None:
            return True
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:  # open, and silent
            return True
        except OSError:
            return False

    return is_there


def encoded(events: Iterable[tuple[str, str, Mapping[str, object]] | None]) -> Iterator[bytes]:
    """Each event (id, name, data) as it is sent, and a comment for None: it keeps proxies from closing."""
    dumps = current_app.json.dumps

    def slices() -> Iterator[bytes]:
        yield f"retry: {_RETRY_MS}\n\n".encode()
        for event in events:
            if event is None:
                yield _HEARTBEAT
            else:
                identifier, name, data = event
                yield f"id: {identifier}\nevent: {name}\ndata: {dumps(data)}\n\n".encode()

    return slices()


def _give_up_on_who_takes_nothing() -> None:
    connection = request.environ.get("gunicorn.socket")
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # not on macOS
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNTAKEN_FOR_MS)
