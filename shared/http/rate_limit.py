"""A limit of requests for each client that fails open: where counts cannot be shared all pass, and answers say so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from flask import Response, g

from shared.config import config
from shared.domain.access.principal import Principal
from shared.domain.access.rate_limit import MINUTE_S, ClientMinute, RateLimit, minute_of, seconds_left
from shared.firestore.driver import database
from shared.firestore.request_counts import add_requests
from shared.http.refusals import RateLimited
from shared.telemetry.logs import log

# Adds requests to a client's count of a minute, and returns the sum of all instances.
Share = Callable[[str, int, int], int]
Start = Callable[[Callable[[], None]], None]
_MOST_CLIENTS = 1_000  # whose minutes are kept before old ones are dropped
_WARN_EVERY_S = 60.0


@dataclass(frozen=True)
class Standing:
    """What a client has left of a minute. `shared`: whether the instances know of each other."""

    limit: int
    remaining: int
    seconds_left: int
    shared: bool
    admitted: bool

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them; `unshared` marks a limit that nobody is held to now."""
        left = f'"client";r={self.remaining};t={self.seconds_left}'
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w={MINUTE_S}',
            "RateLimit": left if self.shared else f"{left};unshared",
        }


class Limiter:
    """The counts of one process.

    Counts are shared by a thread of its own that runs beside the request: the request does not wait for it, and after
    the answer Cloud Run would take its CPU away.
    """

    def __init__(self, limit: RateLimit, share: Share, start: Start, clock: Callable[[], float] = time.time) -> None:
        self._limit, self._share, self._start, self._clock = limit, share, start, clock
        self._lock = threading.Lock()
        self._minutes: dict[str, ClientMinute] = {}
        self._shared = True
        self._warned_at = 0.0

    def admit(self, client_id: str) -> Standing:
        """Count a request, unless the client has none left; it passes all the same where counts cannot be shared."""
        now_s = self._clock()
        with self._lock:
            minute = self._minute(client_id, now_s)
            admitted = minute.remaining(self._limit) > 0 or not self._shared
            if admitted:
                minute = minute.with_request()
            untold = minute.untold(self._limit, now_s)
            self._minutes[client_id] = minute.telling(now_s) if untold else minute
        if untold:
            self._start(lambda: self._tell(client_id, minute.minute, untold))
        remaining = minute.remaining(self._limit)
        return Standing(self._limit.requests, remaining, seconds_left(now_s), self._shared, admitted)

    def _minute(self, client_id: str, now_s: float) -> ClientMinute:
        current = minute_of(now_s)
        known = self._minutes.get(client_id)
        if known is not None and known.minute == current:
            return known
        if len(self._minutes) >= _MOST_CLIENTS:
            self._minutes = {name: minute for name, minute in self._minutes.items() if minute.minute == current}
        return ClientMinute(current)

    def _tell(self, client_id: str, minute: int, requests: int) -> None:
        try:
            total = self._share(client_id, minute, requests)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost anybody a request
            self._shared = False
            self._warn(error)
            return
        self._shared = True
        with self._lock:
            known = self._minutes.get(client_id)
            if known is not None and known.minute == minute:
                self._minutes[client_id] = known.after_telling(requests, total)

    def _warn(self, error: Exception) -> None:
        now_s = self._clock()
        if now_s - self._warned_at >= _WARN_EVERY_S:
            self._warned_at = now_s
            log("WARNING", "rate limits not shared", kind=type(error).__name__)


def count_request(caller: Principal) -> None:
    """Count the request for the caller's client; raises RateLimited. The platform's people are not counted."""
    requests = config().requests_per_minute
    if not requests or caller.platform:
        return
    g.standing = _limiter(requests).admit(caller.client_id)
    if not g.standing.admitted:
        raise RateLimited(g.standing.limit, g.standing.seconds_left)


def tell_standing(response: Response) -> Response:
    """The response with what the caller's client has left, where that is limited."""
    if "standing" in g:
        response.headers.extend(g.standing.headers)
    return response


@cache
def _limiter(requests: int) -> Limiter:
    return Limiter(RateLimit(requests), _add, _in_a_thread)


def _add(client_id: str, minute: int, requests: int) -> int:
    return add_requests(database(config()), client_id, minute, requests)


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="request-counts", daemon=True).start()
