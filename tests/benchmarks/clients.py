"""HTTP clients that keep their connection, and how long their requests take."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Times:
    """Latencies in seconds, and for how long they were measured."""

    seconds: tuple[float, ...]
    span_s: float

    @property
    def p50_ms(self) -> float:
        return round(statistics.median(self.seconds) * 1000, 2)

    @property
    def p95_ms(self) -> float:
        return round(statistics.quantiles(self.seconds, n=20, method="inclusive")[-1] * 1000, 2)

    @property
    def p99_ms(self) -> float:
        return round(statistics.quantiles(self.seconds, n=100, method="inclusive")[-1] * 1000, 2)

    @property
    def per_second(self) -> float:
        return round(len(self.seconds) / self.span_s, 1)

    def __add__(self, other: Times) -> Times:
        return Times(self.seconds + other.seconds, self.span_s + other.span_s)


class Client:
    """One signed-in caller with one connection."""

    def __init__(self, base_url: str, token: str) -> None:
        address = urlsplit(base_url)
        self._root = address.path
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> bytes:
        return self.call("GET", path)

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The answer's body; raises RuntimeError for anything but a success."""
        self._connection.request(method, self._root + path, body=body, headers=self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if not 200 <= response.status < 300:
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:500]!r}")
        return content

    def time(self, paths: Iterable[str]) -> Times:
        """Ask for one path after the other."""
        seconds = []
        begun = time.perf_counter()
        for path in paths:
            start = time.perf_counter()
            self.get(path)
            seconds.append(time.perf_counter() - start)
        return Times(tuple(seconds), time.perf_counter() - begun)

    def close(self) -> None:
        self._connection.close()


def time_together(clients: Sequence[Client], paths: Sequence[str], each: int) -> Times:
    """`each` requests of every client at the same time, each starting elsewhere in `paths`."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as threads:
        runs = [
            threads.submit(client.time, itertools.islice(itertools.cycle(paths), number, number + each))
            for number, client in enumerate(clients)
        ]
        found = [run.result() for run in runs]
    return Times(tuple(itertools.chain.from_iterable(one.seconds for one in found)), time.perf_counter() - begun)
