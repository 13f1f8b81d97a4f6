"""The feeds of a process: one for each client that has a connection, and how many connections there may be."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

from functions.events.feed import Feed
from shared.domain.errors import TooManyRequests
from shared.firestore.driver import full_path
from shared.firestore.tenant import Tenant

# A feed outlasts its last connection so long: one whose token has expired comes back at once.
KEPT_FOR_S = 10.0
_TRY_AGAIN_AFTER_S = 30


class TooManyStreams(TooManyRequests):
    """As many streams are open as can be, or half of them by this client; poll lists with their ETags meanwhile."""

    code = "too_many_streams"

    def __init__(self, open_streams: int) -> None:
        detail = f"{open_streams} streams are open here, as many as may be; poll, and try again later"
        super().__init__(detail, headers={"Retry-After": str(_TRY_AGAIN_AFTER_S)})


class Feeds:
    """At most `most` connections at once, and half of them for one client."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._open: Counter[str] = Counter()

    def streams_of(self, tenant: Tenant) -> int:
        """How many connections the client has."""
        with self._lock:
            return self._open[full_path(tenant.document)]

    @property
    def open_streams(self) -> int:
        """How many connections there are."""
        with self._lock:
            return self._open.total()

    @property
    def open_feeds(self) -> list[str]:
        """The names of the clients that are listened for."""
        with self._lock:
            return [feed.tenant.client_id for feed in self._feeds.values()]

    def join(self, tenant: Tenant, now: dt.datetime) -> Feed:
        """The client's feed, for one connection more, which leaves it in the end; raises TooManyStreams."""
        key = full_path(tenant.document)
        with self._lock:
            if self._open.total() >= self._most or self._open[key] >= max(1, self._most // 2):
                raise TooManyStreams(max(self._open[key], self._open.total()))
            self._open[key] += 1
            feed = self._feeds.get(key)
            if feed is None or feed.is_closed:
                feed = self._feeds[key] = Feed(tenant, now)
                feed.start()
            return feed

    def leave(self, feed: Feed) -> None:
        """A connection has ended."""
        key = full_path(feed.tenant.document)
        with self._lock:
            self._open[key] -= 1
            if self._open[key] > 0:
                return
            del self._open[key]
        timer = threading.Timer(KEPT_FOR_S, self._drop, (key, feed))
        timer.daemon = True
        timer.start()

    def _drop(self, key: str, feed: Feed) -> None:
        with self._lock:
            if self._open[key] > 0:
                return
            del self._open[key]
            if self._feeds.get(key) is feed:
                del self._feeds[key]
        feed.close()

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            closing = list(self._feeds.values())
            self._feeds.clear()
        for feed in closing:
            feed.close()
