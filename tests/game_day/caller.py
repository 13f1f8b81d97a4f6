"""A caller who does what the documentation says: the same Idempotency-Key again until there is an answer."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

_PATIENCE_S = 300.0
_TIMEOUT_S = 45.0
_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
_COME_AGAIN = (429, 502, 503, 504)
_WITHOUT_TOKEN = ("/auth/password-reset",)
_IN_PROGRESS = "request_in_progress"


class NoAnswer(RuntimeError):
    """Nobody answered for minutes."""


class Refused(RuntimeError):
    """A final answer that is no success."""

    def __init__(self, status: int, problem: dict[str, Any], asked: str) -> None:
        super().__init__(f"{asked} was answered with {status}: {json.dumps(problem)[:400]}")
        self.status = status
        self.code = problem.get("code")


@dataclass
class Traffic:
    """What all callers together were answered; `wrong` are answers that nobody should get."""

    answers: int = 0
    repeated: int = 0
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, tries: int) -> None:
        with self._lock:
            self.answers += 1
            self.repeated += tries > 1

    def is_wrong(self, what: str) -> None:
        with self._lock:
            self.wrong.append(what)


@dataclass
class Caller:
    """A user with a password, signed in again when the token ends."""

    base_url: str
    email: str
    password: str
    traffic: Traffic
    _token: str | None = None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: object) -> Any:
        return self.call("POST", path, json=body)

    def all_of(self, path: str) -> list[Any]:
        """Every entry of a list."""
        entries: list[Any] = []
        for page in range(1, 1000):
            found = self.get(f"{path}{'&' if '?' in path else '?'}page_size=200&page={page}")["items"]
            entries += found
            if len(found) < 200:
                return entries
        raise AssertionError(f"{path} has no end")

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON; raises Refused for a final one that is no success, NoAnswer after some minutes."""
        key = uuid.uuid4().hex
        begun = time.monotonic()
        for tries in range(1, 10_000):
            answer = self._once(method, path, key, options)
            if answer is not None:
                self.traffic.answered(tries)
                if answer.ok:
                    return answer.json() if answer.content else None
                raise Refused(answer.status_code, _problem(answer), f"{method} {path}")
            if time.monotonic() - begun > _PATIENCE_S:
                break
            time.sleep(min(_PAUSE_S * tries, _LONGEST_PAUSE_S))
        raise NoAnswer(f"{method} {path}: no answer for {_PATIENCE_S:g} s")

    def _once(self, method: str, path: str, key: str, options: dict[str, Any]) -> requests.Response | None:
        """A final answer, None where one is to ask again."""
        try:
            headers = {} if path in _WITHOUT_TOKEN else {"Authorization": f"Bearer {self._signed_in()}"}
            if method == "POST":
                headers["Idempotency-Key"] = key
            answer = requests.request(
                method, f"{self.base_url}{path}", headers=headers, timeout=_TIMEOUT_S, allow_redirects=False, **options
            )
        except requests.RequestException:
            return None
        if answer.status_code == 401:
            self._token = None
            return None
        status = answer.status_code
        if status in _COME_AGAIN or (status == 409 and _problem(answer)["code"] == _IN_PROGRESS):
            return None
        if status >= 500:
            self.traffic.is_wrong(f"{method} {path}: {status} {answer.text[:300]}")
            return None
        return answer

    def _signed_in(self) -> str:
        """An access token; raises RequestException where none is to be had now."""
        if self._token is None:
            body = {"email": self.email, "password": self.password}
            answer = requests.post(f"{self.base_url}/auth/token", json=body, timeout=_TIMEOUT_S)
            answer.raise_for_status()
            self._token = str(answer.json()["access_token"])
        return self._token


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        return dict(answer.json())
    except ValueError:
        return {"code": "no JSON"}
