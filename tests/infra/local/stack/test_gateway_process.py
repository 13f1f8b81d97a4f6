"""The gateway under gunicorn: what reaches a caller before an app has a say, or instead of it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from infra.local.stack.component import SIGNING_KEYS
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import LOOPBACK, free_ports

pytestmark = [pytest.mark.integration, pytest.mark.slow]

MEBIBYTE = 1024 * 1024
HEAD = b"POST /api/v1/auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("gateway")
    (port,) = free_ports(1)
    env = {
        "GOOGLE_CLOUD_PROJECT": "p",
        "STOCKCAST_FUNCTION_URL": f"http://{LOOPBACK}:{port}/api/v1/{{function}}",
        SIGNING_KEYS: json.dumps({"test": "x" * 32}),
        "FIRESTORE_EMULATOR_HOST": f"{LOOPBACK}:1",
    }
    gateway = GatewayProcess("gateway", folder / "gateway.log", port, threads=4, env=env)
    gateway.start()
    yield port
    gateway.stop()


def _answer(port: int, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """What a sender that sends everything before it reads gets; it fails where the connection is reset."""
    with closing(socket.create_connection((LOOPBACK, port), timeout=30)) as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += _some(connection)
    return int(status.split()[1]), headers, body


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    assert received, "the connection was closed before the answer's end"
    return received


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (b"GET /api/v1/products?search=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"),
        (b"GET /api/v1/products HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET /api/v1/products HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n", 400, "malformed_request"),
        (b"nonsense\r\n\r\n", 400, "malformed_request"),
    ],
)
def test_what_the_server_cannot_read_is_a_problem_document(
    port: int, request_head: bytes, status: int, code: str
) -> None:
    answered, headers, body = _answer(port, request_head)
    problem = json.loads(body)
    assert (answered, headers["content-type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"]
    assert problem["trace_id"]


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 24 * MEBIBYTE, 160 * MEBIBYTE])
def test_a_body_that_is_too_large_is_answered_though_its_sender_does_not_read_before_the_end(
    port: int, size: int
) -> None:
    status, headers, body = _answer(port, HEAD, f"Content-Length: {size}\r\n\r\n".encode(), b"x" * size)
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert json.loads(body)["code"] == "body_too_large"


def test_so_is_one_that_comes_in_chunks(port: int) -> None:
    status, _, body = _answer(port, HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *([CHUNK] * 64), b"0\r\n\r\n")
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("path", "status"), [("etl/import", 401), ("suppliers/import", 401), ("nothing", 404), ("etl/nothing", 404)]
)
def test_so_is_a_file_that_is_refused_for_something_else(port: int, path: str, status: int) -> None:
    """A token that has ended must not look like a broken network."""
    head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n".encode()
    size = 24 * MEBIBYTE
    answered, headers, _ = _answer(port, head, f"Content-Length: {size}\r\n\r\n".encode(), b"x" * size)
    assert (answered, headers["content-type"]) == (status, "application/problem+json")


def test_the_answer_comes_while_the_body_still_does(port: int) -> None:
    """A sender that reads in time needs not send the rest."""
    assert _answer(port, HEAD, b"Content-Length: 20000000\r\n\r\n", b"x" * 1000)[0] == 413


def test_a_usual_client_sees_it_too(port: int) -> None:
    """Tried by hand on 2026-11-27, up to 300 MiB and with eight at once: Chromium 150 (fetch and XMLHttpRequest of a
    page of another origin; it has no streams over HTTP/1.1) and httpx2 2.16 (both clients, with a length and in chunks)
    see it too.
    """
    response = requests.post(f"http://{LOOPBACK}:{port}/api/v1/auth/token", data=b"x" * 8 * MEBIBYTE, timeout=30)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("header", ["Accept: */*", "Expect: 100-continue", "Expect:", "Transfer-Encoding: chunked"])
def test_curl_sees_it_too(port: int, tmp_path: Path, header: str) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * 40 * MEBIBYTE)
    options = ["-sS", "-w", "%{http_code}", "-o", str(tmp_path / "answer"), "--data-binary", f"@{file}", "-H", header]
    url = f"http://{LOOPBACK}:{port}/api/v1/auth/token"
    curl = subprocess.run(["curl", *options, url], capture_output=True, text=True, timeout=60, check=False)
    assert (curl.returncode, curl.stdout, curl.stderr) == (0, "413", "")
    assert json.loads((tmp_path / "answer").read_bytes())["code"] == "body_too_large"


def test_the_next_request_on_the_connection_is_answered(port: int) -> None:
    with requests.Session() as session:
        for _ in range(3):
            url = f"http://{LOOPBACK}:{port}/api/v1/auth/token"
            assert session.post(url, data=b"x" * 2 * MEBIBYTE, timeout=30).status_code == 413
        assert session.get(f"http://{LOOPBACK}:{port}/api/v1/nothing", timeout=30).status_code == 404


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:3000", "http://localhost"])
@pytest.mark.parametrize("path", ["/auth/token", "/nothing", "/openapi.json"])
def test_a_page_served_on_this_machine_may_call(port: int, origin: str, path: str) -> None:
    response = requests.get(f"http://{LOOPBACK}:{port}/api/v1{path}", headers={"Origin": origin}, timeout=30)
    assert response.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin", ["https://localhost:5173", "http://localhost.evil.example", "http://localhost:1@evil"]
)
def test_no_other_page_may(port: int, origin: str) -> None:
    response = requests.get(f"http://{LOOPBACK}:{port}/api/v1/nothing", headers={"Origin": origin}, timeout=30)
    assert not [name for name in response.headers if name.startswith("Access-Control")]
