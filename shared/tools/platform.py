"""The platform's endpoints over HTTP, under a caller's token.

The token goes into the one header and nowhere else: no redirect is followed, no proxy or netrc of the environment is
used, and nothing here logs. What goes wrong becomes a sentence for whoever asked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import requests
import simplejson

from shared.config import Config
from shared.tools.call import ApiCall

MAX_CALLS = 6  # that a question may cost
_CONNECT_S = 5.0
_ALL_CALLS_S = 40.0  # of a question; a function that asks has 60
_LARGEST_ANSWER = 8 * 1024 * 1024
_NAMES = {
    "analytics": "the analytics",
    "auth": "the sign-in service",
    "campaigns": "the campaigns",
    "dashboard": "the dashboard",
    "etl": "the imports",
    "forecast": "the forecasts",
    "inventory": "the inventory",
    "locations": "the locations",
    "operations": "the list of operations",
    "order-planning": "order planning",
    "products": "the product list",
    "purchase-orders": "the purchase orders",
    "recommendations": "the recommendations",
    "settings": "the settings",
    "suppliers": "the suppliers",
}


class CallFailed(Exception):
    """A call was refused or not answered. `sentence` says so to whoever asked; `status` is None without an answer."""

    def __init__(self, sentence: str, status: int | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.code = code


class TooManyCalls(CallFailed):
    """The question would need more calls than one may cost."""

    def __init__(self, most: int) -> None:
        super().__init__(f"That needs more than {most} look-ups; ask for less at a time.")


@dataclass(frozen=True)
class CallMade:
    """A call that was made, with what it was answered with; no status: with nothing."""

    call: ApiCall
    status: int | None


@dataclass
class Platform:
    """Where the endpoints are and who asks; counts what a question costs.

    `address` gives the address of the endpoints whose path begins with a segment. `client_id` is named for an
    administrator of the platform alone: all others are of one client.
    """

    address: Callable[[str], str]
    token: str = field(repr=False)
    client_id: str | None = None
    traceparent: str | None = None
    max_calls: int = MAX_CALLS
    seconds: float = _ALL_CALLS_S
    made: list[CallMade] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._until = time.monotonic() + self.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def send(self, call: ApiCall, idempotency_key: str | None = None) -> Any:
        """What the endpoint answers, decimals as Decimal, None for an answer without a body; raises CallFailed."""
        if len(self.made) >= self.max_calls:
            raise TooManyCalls(self.max_calls)
        left = self._until - time.monotonic()
        if left <= 0:
            raise CallFailed("Looking this up took too long; ask for less at a time.")
        try:
            response = self._response(call, idempotency_key, left)
        except requests.RequestException:  # whose text may hold the request
            self.made.append(CallMade(call, None))
            raise CallFailed(_unavailable(call)) from None
        self.made.append(CallMade(call, response.status_code))
        if not 200 <= response.status_code < 300:
            raise _refused(call, response)
        if len(response.content) > _LARGEST_ANSWER:
            raise CallFailed("That is more than can be looked at here; ask for less at a time.")
        try:
            return _content(response)
        except ValueError:
            raise CallFailed(_unavailable(call), response.status_code) from None

    def _response(self, call: ApiCall, idempotency_key: str | None, left: float) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if self.traceparent is not None:
            headers["traceparent"] = self.traceparent
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        query = dict(call.query) if self.client_id is None else {**call.query, "client_id": self.client_id}
        segment = call.segment
        return self._session.request(
            call.method,
            self.address(segment) + call.path.removeprefix(f"/{segment}"),
            params=query,
            data=None if call.body is None else simplejson.dumps(call.body, use_decimal=True).encode(),
            headers=headers,
            timeout=(min(_CONNECT_S, left), left),
            allow_redirects=False,
        )


def address_of(config: Config) -> Callable[[str], str]:
    """Where the functions of this deployment answer: behind its load balancer, else at their own addresses."""
    if config.api_host is not None:
        return lambda segment: f"https://{config.api_host}/api/v1/{segment}"
    return config.url_of


def _content(response: requests.Response) -> Any:
    return json.loads(response.content, parse_float=Decimal) if response.content else None


def _unavailable(call: ApiCall) -> str:
    return f"I cannot reach {_NAMES.get(call.segment, 'that part of the platform')} right now; ask again in a moment."


def _refused(call: ApiCall, response: requests.Response) -> CallFailed:
    """What a refusal means to whoever asked."""
    status = response.status_code
    try:
        problem = _content(response)
    except ValueError:
        problem = None
    fields = problem if isinstance(problem, dict) else {}
    code, detail = (text if isinstance(text := fields.get(name), str) else None for name in ("code", "detail"))
    if status == 429:
        seconds = response.headers.get("Retry-After", "60")
        return CallFailed(f"Too many requests in this minute; ask again in {seconds} seconds.", status, code)
    if status == 401:
        return CallFailed("Your session has ended; sign in again.", status, code)
    if status >= 500:
        return CallFailed(_unavailable(call), status, code)
    return CallFailed(_sentence(detail or "the platform refused that"), status, code)


def _sentence(text: str) -> str:
    whole = text[0].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
