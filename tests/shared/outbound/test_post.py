"""A POST to a host that a client names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from shared.config import Config
from shared.outbound.address import AddressNotAllowed
from shared.outbound.post import NoAnswer, UnusableUrl, checked_url, post

ENV = {"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "u"}
CLOUD = Config.from_env(ENV)
LOCAL = Config.from_env(ENV | {"STOCKCAST_ALLOWED_NETWORKS": "127.0.0.0/8"})


class Receiver(BaseHTTPRequestHandler):
    seen: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {"host": self.headers["Host"], "kind": self.headers["X-Kind"]}
        self.seen.append({"path": self.path, **headers, "body": body})
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
        elif self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            with suppress(OSError):  # until it is cut off
                for _ in range(40):
                    time.sleep(0.05)
                    self.wfile.write(b"X-Another: header\r\n")
        else:
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on loopback by a name that only the resolver of the tests knows, and what it was sent."""
    handler = type("Handler", (Receiver,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://hooks.example:{server.server_port}", handler.seen  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_checked_address_is_called_by_the_name_of_the_host(receiver: tuple[str, list[dict[str, Any]]]) -> None:
    url, seen = receiver
    reply = post(LOCAL, f"{url}/a?b=c", b"{}", {"X-Kind": "test"}, 5, here)
    assert (reply.status, len(reply.body)) == (202, 64 * 1024)
    assert seen == [{"path": "/a?b=c", "host": url.removeprefix("http://"), "kind": "test", "body": b"{}"}]


def test_a_redirect_is_an_answer_and_not_followed(receiver: tuple[str, list[dict[str, Any]]]) -> None:
    url, seen = receiver
    assert post(LOCAL, f"{url}/moved", b"", {}, 5, here).status == 302
    assert len(seen) == 1


def test_a_host_that_sends_a_little_now_and_then_is_cut_off(receiver: tuple[str, list[dict[str, Any]]]) -> None:
    url, _ = receiver
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        post(LOCAL, f"{url}/slow", b"", {}, 0.3, here)
    assert time.monotonic() - began < 1.5


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        post(LOCAL, "http://hooks.example:9/", b"", {}, 1, here)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://", "a.example", "https://u:p@a.example/", "https://u@a.example/", "https://a:b/", ""],
)
def test_what_is_no_url_to_call_is_refused(url: str) -> None:
    with pytest.raises(UnusableUrl):
        checked_url(CLOUD, url, lambda _host, _port: ["93.184.215.14"])


def test_without_tls_only_what_the_deployment_allows_is_called() -> None:
    with pytest.raises(UnusableUrl, match="https"):
        checked_url(CLOUD, "http://a.example/", lambda _host, _port: ["93.184.215.14"])
    assert checked_url(CLOUD, "https://a.example/", lambda _host, _port: ["93.184.215.14"]).port == 443
    with pytest.raises(AddressNotAllowed):
        post(CLOUD, "http://a.example/", b"", {}, 1, here)
