"""Calls of the platform: what they carry, and what becomes of refusals and silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.config import Config
from shared.tools.call import ApiCall, get
from shared.tools.platform import CallFailed, Platform, TooManyCalls, address_of

TOKEN = "a-token-that-nobody-may-see"


@dataclass
class Backend:
    """Answers every request with the same status, headers and body, and keeps what came."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    came: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    def platform(self, **fields: object) -> Platform:
        return Platform(lambda segment: f"http://127.0.0.1:{self.port}/api/v1/{segment}", TOKEN, **fields)  # type: ignore[arg-type]


@contextmanager
def serving(**fields: object) -> Iterator[Backend]:
    backend = Backend(**fields)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            backend.came.append((self.command, self.path, dict(self.headers), body))
            self.send_response(backend.status)
            for name, value in backend.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(backend.body)))
            self.end_headers()
            self.wfile.write(backend.body)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        backend.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield backend
        server.shutdown()
        thread.join()


def problem(status: int, **fields: object) -> dict[str, object]:
    return {"status": status, "body": json.dumps({"code": "it", "detail": "the reason", **fields}).encode()}


def test_a_call_carries_token_trace_client_and_key_and_gives_exact_decimals() -> None:
    with serving(body=b'{"amount": 0.10}') as backend:
        with backend.platform(client_id="other", traceparent="00-aa-bb-01") as platform:
            call = ApiCall("POST", "/purchase-orders/a%2Fb", {"x": ["1", "2 &"]}, {"quantity": Decimal("12.50")})
            assert platform.send(call, "key-1") == {"amount": Decimal("0.10")}
        method, path, headers, body = backend.came[0]
    assert (method, path) == ("POST", "/api/v1/purchase-orders/a%2Fb?x=1&x=2+%26&client_id=other")
    assert body == b'{"quantity": 12.50}'
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert (headers["traceparent"], headers["Idempotency-Key"]) == ("00-aa-bb-01", "key-1")


def test_who_is_no_administrator_of_the_platform_names_no_client_and_nobody_a_key_unasked() -> None:
    with serving() as backend, backend.platform() as platform:
        platform.send(get("/dashboard"))
    _, path, headers, _ = backend.came[0]
    assert path == "/api/v1/dashboard"
    assert not {"Idempotency-Key", "traceparent", "Content-Type"} & headers.keys()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_backend_that_fails_is_a_sentence(status: int) -> None:
    with serving(**problem(status)) as backend, backend.platform() as platform:
        with pytest.raises(CallFailed) as failed:
            platform.send(get("/purchase-orders"))
        assert failed.value.sentence == "I cannot reach the purchase orders right now; ask again in a moment."
        assert [made.status for made in platform.made] == [status]


def test_a_backend_that_does_not_listen_is_a_sentence_without_the_request() -> None:
    with serving() as backend:
        platform = backend.platform()
    with platform, pytest.raises(CallFailed) as failed:
        platform.send(get("/products", search="secret"))
    assert failed.value.sentence == "I cannot reach the product list right now; ask again in a moment."
    assert failed.value.__cause__ is None
    assert [made.status for made in platform.made] == [None]


def test_an_answer_that_is_no_json_is_a_sentence() -> None:
    with serving(body=b"<html>") as backend, backend.platform() as platform:
        with pytest.raises(CallFailed) as failed:
            platform.send(get("/products"))
        assert failed.value.sentence == "I cannot reach the product list right now; ask again in a moment."


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "The reason."),
        (404, "The reason."),
        (422, "The reason."),
        (401, "Your session has ended; sign in again."),
        (302, "The platform refused that."),
    ],
)
def test_a_refusal_says_why(status: int, sentence: str) -> None:
    answer = problem(status) if status != 302 else {"status": 302, "headers": {"Location": "/elsewhere"}, "body": b""}
    with serving(**answer) as backend, backend.platform() as platform:
        with pytest.raises(CallFailed) as failed:
            platform.send(get("/products"))
        assert (failed.value.sentence, failed.value.status) == (sentence, status)
        assert len(backend.came) == 1  # a redirect would take the token elsewhere


def test_too_many_requests_say_when_to_ask_again() -> None:
    limited = serving(**problem(429), headers={"Retry-After": "7"})
    with (
        limited as backend,
        backend.platform() as platform,
        pytest.raises(CallFailed, match="ask again in 7 seconds"),
    ):
        platform.send(get("/products"))


def test_a_question_costs_no_more_than_so_many_calls_and_seconds() -> None:
    with serving() as backend:
        with backend.platform(max_calls=2) as platform:
            platform.send(get("/products"))
            platform.send(get("/products"))
            with pytest.raises(TooManyCalls, match="more than 2 look-ups"):
                platform.send(get("/products"))
        with backend.platform(seconds=0) as platform, pytest.raises(CallFailed, match="took too long"):
            platform.send(get("/products"))
        assert len(backend.came) == 2


def test_the_token_is_in_no_text_of_a_platform() -> None:
    platform = Platform(str, TOKEN)
    assert TOKEN not in repr(platform)
    assert TOKEN not in str(vars(platform)["made"])


def test_proxies_and_logins_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving() as backend, backend.platform() as platform:
        platform.send(get("/products"))
        assert len(backend.came) == 1


def test_where_the_endpoints_are() -> None:
    env = {"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "https://{function}-1.a.run.app"}
    assert address_of(Config.from_env(env))("products") == "https://products-1.a.run.app"
    balanced = Config.from_env(env | {"STOCKCAST_API_HOST": "api.example.com"})
    assert address_of(balanced)("products") == "https://api.example.com/api/v1/products"
