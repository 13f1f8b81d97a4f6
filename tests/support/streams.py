"""Streams of events as a screen follows them."""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

from jsonschema import Draft202012Validator

from infra.local.stack.gateway import gateway
from shared.domain.access.principal import Role
from tests.support.tenants import TestClient

_PATIENCE_S = 60


@dataclass(frozen=True)
class Event:
    """An event of the stream, which the document describes."""

    id: str
    name: str
    data: Any


class FollowedStream:
    """An open stream. `comments` is how many have come between the events."""

    def __init__(self, response: HTTPResponse) -> None:
        self.comments = 0
        self._response = response
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Its connection is closed already."""
        self._reader.join(_PATIENCE_S)
        self._response.close()

    def next(self) -> Event:
        """The next event; fails the test where none comes, or the stream has ended."""
        event = self._events.get(timeout=_PATIENCE_S)
        assert event is not None, "the stream has ended"
        return event

    def until(self, name: str, **data: Any) -> Event:
        """The next event of that name with these data; those before it are passed over."""
        while True:
            event = self.next()
            if event.name == name and data.items() <= event.data.items():
                return event

    def rest(self) -> list[Event]:
        """What comes until the stream ends."""
        return list(iter(lambda: self._events.get(timeout=_PATIENCE_S), None))

    def _read(self) -> None:
        lines: dict[str, str] = {}
        try:
            for content in self._response:
                line = content.decode().removesuffix("\n")
                name, _, value = line.partition(": ")
                if line == ":":
                    self.comments += 1
                elif line:
                    lines[name] = value
                elif lines:
                    if "event" in lines:
                        self._events.put(_event(lines))
                    lines = {}
        except (OSError, HTTPException):  # closed by this side meanwhile
            pass
        finally:
            self._events.put(None)


def _event(lines: Mapping[str, str]) -> Event:
    event = {"id": lines["id"], "event": lines["event"], "data": json.loads(lines["data"])}
    _validator().validate(event)
    return Event(event["id"], event["event"], event["data"])


@cache
def _validator() -> Draft202012Validator:
    document = gateway().document
    answer = document["paths"]["/events"]["get"]["responses"]["200"]
    schema = answer["content"]["text/event-stream"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})


@contextmanager
def followed(
    client: TestClient,
    *,
    token: str | None = None,
    role: Role | None = None,
    last_event_id: str | None = None,
    **query: Any,
) -> Iterator[FollowedStream]:
    """A stream that is open until the end of the block."""
    headers = {"Authorization": f"Bearer {token or client.token(role)}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    address = urlsplit(client.base_url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=_PATIENCE_S)
    connection.connect()
    sock, stream = connection.sock, None
    _validator()  # takes seconds, once: not in the thread of each stream
    try:
        connection.request("GET", f"{address.path}/events?{urlencode(query)}", headers=headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        stream = FollowedStream(response)
        yield stream
    finally:
        with suppress(OSError):  # the other side was first
            sock.shutdown(socket.SHUT_RDWR)
        if stream is not None:
            stream.close()
        connection.close()
