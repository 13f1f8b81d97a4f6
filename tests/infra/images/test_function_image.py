"""Every function starts with the command of its image and answers /health, without a credential or a database."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "infra" / "images" / "function.Dockerfile").read_text()
FOLDERS = sorted(path.parent.name for path in ROOT.glob("functions/*/main.py"))


def image_command() -> list[str]:
    """The Dockerfile's CMD, its program taken from beside this interpreter."""
    program, *arguments = json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1])
    return [str(Path(sys.executable).with_name(program)), *arguments]


def image_environment(folder: str) -> dict[str, str]:
    """What the Dockerfile tells functions-framework to serve."""
    values = dict(re.findall(r"(FUNCTION_\w+)=(\S+)", DOCKERFILE))
    return {name: value.replace("${FUNCTION}", folder) for name, value in values.items()}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Container:
    """A running function."""

    process: subprocess.Popen[bytes]
    port: int

    def wait_until_it_listens(self) -> None:
        """Returns once a connection is taken; fails when the process ends or half a minute has passed."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the function ended at its start with exit code {self.process.wait(timeout=0.05)}")
        pytest.fail("the function did not listen within 30 s")


@pytest.fixture(scope="module")
def containers() -> Iterator[dict[str, Container]]:
    """Every function started at once, as its container would be, by folder."""
    settings = {
        "GOOGLE_CLOUD_PROJECT": "stockcast-test",
        "STOCKCAST_FUNCTION_URL": "https://{function}-123456789012.europe-west1.run.app",
        "STOCKCAST_JWT_KEYS": json.dumps({"k1": "0" * 64}),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOST": "127.0.0.1",
        "THREADS": "2",
    }
    started: dict[str, Container] = {}
    try:
        for folder in FOLDERS:
            port = free_port()
            environment = settings | image_environment(folder) | {"PORT": str(port)}
            started[folder] = Container(
                subprocess.Popen(image_command(), cwd=ROOT, env=environment, start_new_session=True), port
            )
        yield started
    finally:
        for container in started.values():
            if container.process.poll() is None:
                os.killpg(container.process.pid, signal.SIGKILL)  # master and worker; nobody waits for an answer
        for container in started.values():
            container.process.wait(timeout=20)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_container_command_serves_health(folder: str, containers: dict[str, Container]) -> None:
    containers[folder].wait_until_it_listens()
    response = requests.get(f"http://127.0.0.1:{containers[folder].port}/health", timeout=30)
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_body_that_is_too_large_is_refused_before_the_connection_closes(
    in_chunks: bool, containers: dict[str, Container]
) -> None:
    """Under functions-framework as under the local gateway: the sender has sent all of it before it reads."""
    size = 24 * 1024 * 1024
    length = b"Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {size}".encode()
    head = b"POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + length + b"\r\n\r\n"
    body = b"x" * size
    containers["auth"].wait_until_it_listens()
    with socket.create_connection(("127.0.0.1", containers["auth"].port), timeout=30) as connection:
        connection.sendall(head + (b"%x\r\n%b\r\n0\r\n\r\n" % (size, body) if in_chunks else body))
        answer = HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.load(answer)["code"]) == (413, "body_too_large")
