"""What one client's screens are told, heard once for all of them: connections of a process share a call of Listen."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.api_core.exceptions import ServiceUnavailable

from functions.events.subscription import Ending, Subscription
from shared.domain.access.client import ClientSuspended
from shared.domain.access.ended_access import EndedAccess, SessionEnded
from shared.domain.access.principal import Principal
from shared.domain.live_changes import Change, RecentChanges, Topic
from shared.firestore.driver import Document, full_path
from shared.firestore.ended_access import EndedAccessStore, told_by
from shared.firestore.followed import Followed
from shared.firestore.listening import Heard, Listening, as_microseconds
from shared.firestore.service_tokens import ServiceTokens
from shared.firestore.tenant import Tenant
from shared.telemetry.logs import log

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

PROBED_AFTER_S = 60.0  # of silence: the one read a minute of a client of whom nothing changes
ANSWERED_WITHIN_S = 10.0
GIVEN_UP_AFTER_S = 30.0  # in which no call has told anything
_READY_WITHIN_S = 8.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_DOCUMENTS, _FIRST_QUERY, _FIRST_GUARD = 1, 2, 100  # targets
_KNOWN_BEFORE_US = 5_000_000  # that a feed also knows of, so that a new instance can go on where another was killed


@dataclass
class _Guard:
    """A document beside the client's pointer that tells whether the access of some connections has ended."""

    target: int
    reference: DocumentReference
    holders: int = 0
    document: Document | None = None


class Feed:
    """The changes of one client since `now`, and the connections that are told of them.

    Its thread listens until it is closed; where a call has ended it makes another, and misses nothing.
    """

    def __init__(self, tenant: Tenant, now: dt.datetime, clock: Callable[[], float] = time.monotonic) -> None:
        self.tenant = tenant
        self.followed = Followed(tenant)
        self._clock = clock
        self._position = as_microseconds(now) - _KNOWN_BEFORE_US  # all that was committed until then is told
        self._recent = RecentChanges(self._position)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._closing = threading.Event()
        self._subscriptions: set[Subscription] = set()
        self._guards: dict[str, _Guard] = {}
        self._ended = EndedAccess()
        self._listening: Listening | None = None
        self._answered: frozenset[int] = frozenset()
        self._is_ready = False
        self._next_target = _FIRST_GUARD
        self._heard_at = clock()
        self._probe: tuple[int, float] | None = None
        self._reads = self._reads_taken = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"events of {self.tenant.client_id}", daemon=True).start()

    def close(self) -> None:
        """Listen no more; connections that there still are end."""
        with self._lock:
            self._closing.set()
            if self._listening is not None:
                self._listening.close()
            for subscription in self._subscriptions:
                subscription.end(None)
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        return self._closing.is_set()

    @property
    def is_answered(self) -> bool:
        """Whether no answer is waited for that tells that the database is still there."""
        with self._lock:
            return self._probe is None

    @property
    def since(self) -> int:
        """From when on it knows all changes."""
        return self._recent.since

    @property
    def catalog_version(self) -> str | None:
        """Of what lists show now; None before there is anything to show."""
        with self._lock:
            change = self._recent.latest(Topic.CATALOG)
        return None if change is None else str(change.data["version"])

    def subscribe(self, caller: Principal) -> Subscription:
        """A connection of the caller, from now on; raises ServiceUnavailable where the database does not answer."""
        guard = self._guard_of(caller)
        with self._lock:
            target = None if guard is None else self._watch(guard)
            is_told = self._changed.wait_for(
                lambda: self.is_closed or (self._is_ready and (target is None or target in self._answered)),
                _READY_WITHIN_S,
            )
            if not is_told or self.is_closed:
                self._watch_no_more(guard)
                raise ServiceUnavailable("Firestore tells no changes")
            subscription = Subscription(caller, self._lock, self._position)
            self._subscriptions.add(subscription)
            if self._has_ended(caller):
                subscription.end(Ending.SESSION_ENDED)
            return subscription

    def leave(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
                self._watch_no_more(self._guard_of(subscription.caller))

    def after(self, position: int, caller: Principal) -> list[Change]:
        """What concerns the caller of all that was committed after `position` and is known."""
        with self._lock:
            return [change for change in self._recent.after(position) if change.concerns(caller)]

    def take_reads(self) -> int:
        """What was billed since this was asked last: whoever asks pays it."""
        with self._lock:
            reads = self._reads + (0 if self._listening is None else self._listening.reads)
            taken, self._reads_taken = reads - self._reads_taken, reads
            return taken

    def tend(self) -> None:
        """Ask for a document where nothing was heard for a minute: a call that does not answer is replaced."""
        with self._lock:
            now = self._clock()
            if self._listening is None:
                return
            if self._probe is not None:
                if now - self._probe[1] >= ANSWERED_WITHIN_S:
                    log("WARNING", "listening has gone silent", client_id=self.tenant.client_id)
                    self._listening.close()
            elif now - self._heard_at >= PROBED_AFTER_S:
                self._probe = self._new_target(), now
                self._listening.to_documents(self._probe[0], [self.followed.pointer])

    def _run(self) -> None:
        pause, lost_at = _FIRST_PAUSE_S, self._clock()
        while not self.is_closed:
            try:
                for heard in self._begin().heard():
                    self._receive(heard)
                    pause, lost_at = _FIRST_PAUSE_S, self._clock()
            except Exception as error:  # noqa: BLE001 - whatever it is, listening again is what there is to do
                if not self.is_closed:
                    log("INFO", "listening again", client_id=self.tenant.client_id, kind=type(error).__name__)
            self._end()
            if self._clock() - lost_at >= GIVEN_UP_AFTER_S:
                log("WARNING", "listening given up", client_id=self.tenant.client_id)
                self.close()
            self._closing.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _begin(self) -> Listening:
        with self._lock:
            listening = Listening(self.tenant.database)
            listening.to_documents(_DOCUMENTS, self.followed.documents)
            for number, query in enumerate(self.followed.queries(self._position)):
                listening.to_query(_FIRST_QUERY + number, query)
            for guard in self._guards.values():
                listening.to_documents(guard.target, [guard.reference])
            self._listening, self._heard_at = listening, self._clock()
            if self.is_closed:
                listening.close()
            return listening

    def _end(self) -> None:
        with self._lock:
            if self._listening is not None:
                self._listening.close()
                self._reads += self._listening.reads
            self._listening, self._answered, self._probe = None, frozenset(), None

    def _receive(self, heard: Heard) -> None:
        with self._lock:
            self._heard_at, self._answered = self._clock(), heard.answered
            news = []
            for path, document in heard.documents.items():
                if path in self._guards:
                    self._guards[path].document = document
                    continue
                self._ended = self.followed.ended_access(path, document) or self._ended
                change = self.followed.change(path, document)
                if change is not None and self._recent.add(change):
                    news.append(change)
            if heard.answered.issuperset(range(_DOCUMENTS, _FIRST_QUERY + self.followed.query_count)):
                self._position, self._is_ready = max(self._position, heard.read_time), True
            if self._probe is not None and self._probe[0] in heard.answered and self._listening is not None:
                self._listening.no_more(self._probe[0])
                self._probe = None
            news.sort(key=lambda change: change.at)
            for subscription in self._subscriptions:
                subscription.offer(news, self._position)
                if self._has_ended(subscription.caller):
                    subscription.end(Ending.SESSION_ENDED)
            self._changed.notify_all()

    def _has_ended(self, caller: Principal) -> bool:
        guard = self._guard_of(caller)
        told = None if guard is None else self._guards[full_path(guard)].document
        if caller.machine and told is None:
            return True
        is_at_home = caller.client_id == self.tenant.client_id
        try:
            (self._ended if is_at_home else told_by(told)).check(caller)
        except (SessionEnded, ClientSuspended):
            return True
        return False

    def _guard_of(self, caller: Principal) -> DocumentReference | None:
        """What else tells that the access of this caller has ended."""
        if caller.machine:
            return ServiceTokens(self.tenant).document_of(caller)
        if caller.client_id != self.tenant.client_id:
            return EndedAccessStore(Tenant(self.tenant.database, caller.client_id)).document
        return None

    def _watch(self, reference: DocumentReference) -> int:
        path = full_path(reference)
        if path not in self._guards:
            self._guards[path] = _Guard(self._new_target(), reference)
            if self._listening is not None:
                self._listening.to_documents(self._guards[path].target, [reference])
        self._guards[path].holders += 1
        return self._guards[path].target

    def _watch_no_more(self, reference: DocumentReference | None) -> None:
        if reference is None:
            return
        guard = self._guards[full_path(reference)]
        guard.holders -= 1
        if guard.holders == 0:
            del self._guards[full_path(reference)]
            if self._listening is not None:
                self._listening.no_more(guard.target)

    def _new_target(self) -> int:
        self._next_target += 1
        return self._next_target
