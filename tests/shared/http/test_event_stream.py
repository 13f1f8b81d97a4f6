"""Events as they are sent, and connections whose other end has gone."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask

from shared.http.event_stream import caller_is_there, encoded, event_stream
from shared.http.json import DecimalJSON


class _App(Flask):
    json_provider_class = DecimalJSON


APP = _App("stream")
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def connection() -> Iterator[Pair]:
    """The caller's end and the server's of a connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        caller = socket.create_connection(listener.getsockname(), timeout=10)
        server, _ = listener.accept()
        with closing(caller), closing(server):
            yield caller, server


def test_an_event_has_three_lines_and_a_heartbeat_none_that_a_client_sees() -> None:
    events = [("17", "order", {"po_number": "PO-1\n\nid: 18", "progress": None}), None]
    with APP.test_request_context("/events"):
        retry, order, heartbeat = encoded(events)
    assert retry == b"retry: 2000\n\n"
    # A line break in a text does not end the event: JSON escapes it.
    assert order == b'id: 17\nevent: order\ndata: {"po_number":"PO-1\\n\\nid: 18","progress":null}\n\n'
    assert heartbeat == b":\n\n"


def test_a_stream_is_closed_once_it_has_ended() -> None:
    closed: list[bool] = []
    with APP.test_request_context("/events"):
        response = event_stream([b"a", b"b"], lambda: closed.append(True))
        assert response.mimetype == "text/event-stream"
        assert (response.get_data(), closed) == (b"ab", [])
        response.close()
    assert closed == [True]


@pytest.mark.parametrize("server_name", ["gunicorn.socket", "werkzeug.socket"])
def test_who_has_gone_is_noticed_without_sending(connection: Pair, server_name: str) -> None:
    caller, server = connection
    with APP.test_request_context("/events", environ_overrides={server_name: server}):
        is_there: Callable[[], bool] = caller_is_there()
    assert is_there()
    caller.sendall(b"GET /next")  # sent ahead, it stays where it is
    assert is_there()
    assert server.recv(9) == b"GET /next"
    caller.close()
    assert not is_there()


def test_where_the_server_shows_no_connection_everybody_is_there() -> None:
    with APP.test_request_context("/events"):
        assert caller_is_there()()


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone has it")
def test_a_caller_who_takes_nothing_for_a_minute_is_given_up(connection: Pair) -> None:
    _, server = connection
    with APP.test_request_context("/events", environ_overrides={"gunicorn.socket": server}):
        event_stream([], lambda: None)
    assert server.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
