"""What a client's screens are told while they are open."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from functions.events.feed import Feed
from functions.events.feeds import Feeds
from functions.events.subscription import Ending, Subscription
from shared.config import config
from shared.domain.live_changes import Change, has_cart
from shared.firestore.listening import as_microseconds
from shared.request_context import RequestContext
from shared.telemetry.work_record import WorkRecord, current_record

HEARTBEAT_S = 20.0  # proxies close what is silent for 30 s to 60 s
_LOOKED_AFTER_S = 2.0  # whether the caller is still there
LONGEST_S = 55 * 60  # Cloud Run ends a request after 60 minutes
OLDEST_MISSED_US = 60 * 60 * 1_000_000  # that is still told piece by piece
MOST_MISSED = 200  # operations or orders
_CLOCKS_DIFFER_BY_US = 60 * 1_000_000
_NOTHING, _LONGEST_ID = "0", 17  # the id of what was told before everything, and the digits of any


@dataclass(frozen=True)
class Event:
    """`id` says until when all is told: whoever comes back with it is told what follows."""

    id: str
    name: str
    data: Mapping[str, object] = field(default_factory=dict)


class Stream:
    """The events of one connection; between them None, as often as something has to be sent. `close` it in the end."""

    def __init__(
        self,
        feeds: Feeds,
        feed: Feed,
        subscription: Subscription,
        missed: list[Change] | None,
        told: str,
        ends: tuple[float, Ending],
        is_there: Callable[[], bool],
    ) -> None:
        self._feeds, self._feed, self._subscription = feeds, feed, subscription
        self._ends_at, self._ending = ends
        self._is_there = is_there
        self._record: WorkRecord | None = current_record.get()
        self._is_closed = False
        self._missed, self._told = missed, told

    def __iter__(self) -> Iterator[Event | None]:
        yield Event(self._told, "hello", {"catalog_version": self._feed.catalog_version})
        if self._missed != []:
            yield from self._events(self._missed or (), self._subscription.joined_at, lost=self._missed is None)
        sent_at = time.monotonic()
        while self._is_there():
            left_s = self._ends_at - time.monotonic()
            told = self._subscription.take(max(0.0, min(_LOOKED_AFTER_S, HEARTBEAT_S, left_s)))
            yield from self._events(told.changes, told.position, lost=told.lost)
            now = time.monotonic()
            ending = told.ending if told.cut else self._ending if self._ends_at <= now else None
            if ending is not None:
                yield Event(self._told, "bye", {"reason": ending.value})
            if ending is not None or told.cut:
                return
            self._feed.tend()
            if told.changes or told.lost:
                sent_at = now
            elif now - sent_at >= HEARTBEAT_S:
                sent_at = now
                yield None

    def close(self) -> None:
        """Free the connection's place. What was read for it and others since the last one ended is its cost."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._record is not None:
            self._record.firestore(0.0, self._feed.take_reads(), 0, 0)
        self._feed.leave(self._subscription)
        self._feeds.leave(self._feed)

    def _events(self, changes: tuple[Change, ...] | list[Change], position: int, *, lost: bool) -> Iterator[Event]:
        """The last one says that all is told until `position`; whoever has not got that is told all of it again."""
        if lost:
            changes = ()
            yield Event(str(position), "resync")
        for change in changes[:-1]:
            yield Event(self._told, change.topic.value, change.data)
        self._told = str(position)
        for change in changes[-1:]:
            yield Event(self._told, change.topic.value, change.data)


def follow(
    context: RequestContext,
    access_ends_at: dt.datetime,
    last_event_id: str | None,
    max_seconds: int | None,
    is_there: Callable[[], bool],
) -> Stream:
    """A stream of what the caller may know of the client's changes.

    It ends when the caller's access does, after LONGEST_S or `max_seconds`, or when nobody `is_there` any more. Raises
    TooManyStreams.
    """
    open_feeds = feeds(config().event_streams)
    feed = open_feeds.join(context.tenant, context.now)
    try:
        subscription = feed.subscribe(context.principal)
    except BaseException:
        open_feeds.leave(feed)
        raise
    try:
        missed = _missed_after(last_event_id, feed, subscription, context.now) if last_event_id else []
        told = _NOTHING if missed is None else last_event_id if missed else None
        left_s = (access_ends_at - context.now).total_seconds()
        limit_s = LONGEST_S if max_seconds is None else max_seconds
        ends = (left_s, Ending.TOKEN_EXPIRES) if left_s <= limit_s else (limit_s, Ending.LIMIT)
        ends_at = time.monotonic() + ends[0]
        first = told or str(subscription.joined_at)
        return Stream(open_feeds, feed, subscription, missed, first, (ends_at, ends[1]), is_there)
    except BaseException:
        feed.leave(subscription)
        open_feeds.leave(feed)
        raise


def _missed_after(last_event_id: str, feed: Feed, subscription: Subscription, now: dt.datetime) -> list[Change] | None:
    """What has changed since that event; None where that is too long ago, or too much."""
    if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) <= _LONGEST_ID):
        return None
    caller, last = subscription.caller, int(last_event_id)
    latest = max(subscription.joined_at, as_microseconds(now))
    if not latest - OLDEST_MISSED_US <= last <= latest + _CLOCKS_DIFFER_BY_US:
        return None
    missed = {change.key: change for change in feed.after(last, caller)}
    if last < feed.since:
        found = feed.followed.missed(last, caller.user_id if has_cart(caller) else None, MOST_MISSED)
        if found is None:
            return None
        missed = {change.key: change for change in found} | missed
    return sorted(missed.values(), key=lambda change: change.at)


@cache
def feeds(most: int) -> Feeds:
    """Those of this process."""
    return Feeds(most)


def end_all() -> None:
    """End every stream of this process, which is about to end."""
    feeds(config().event_streams).close()
