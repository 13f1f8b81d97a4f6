"""What one connection has still to be told."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.access.principal import Principal
from shared.domain.live_changes import Change, Topic

# Of a connection that takes nothing: it is then told to read everything anew. Of one thing only the last state waits.
MOST_WAITING = 500


class Ending(StrEnum):
    """Why a stream ends; the values are those of the API."""

    TOKEN_EXPIRES = "token_expires"  # noqa: S105 - no password
    SESSION_ENDED = "session_ended"
    LIMIT = "limit"


@dataclass(frozen=True)
class Told:
    """What a connection is to be told now, in the order of commits; with it everything until `position` is told.

    `lost`: it has waited too long for that, and changes were dropped. `cut`: nothing will come any more.
    """

    changes: tuple[Change, ...]
    position: int
    lost: bool
    ending: Ending | None
    cut: bool


class Subscription:
    """A connection of the caller; `lock` is that of whoever tells it, and held where `offer` and `end` are called."""

    def __init__(self, caller: Principal, lock: threading.RLock, position: int) -> None:
        self.caller = caller
        self.joined_at = self.position = position
        self._changed = threading.Condition(lock)
        self._waiting: dict[tuple[Topic, str], Change] = {}
        self._lost = False
        self._ending: Ending | None = None
        self._cut = False

    def offer(self, changes: Iterable[Change], position: int) -> None:
        """Tell these of the changes that concern the caller; there are no others until `position`."""
        self.position = position
        for change in changes:
            if change.concerns(self.caller):
                self._waiting.pop(change.key, None)
                self._waiting[change.key] = change
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self._lost = True
        if self._waiting or self._lost:
            self._changed.notify_all()

    def end(self, ending: Ending | None) -> None:
        """Nothing more is told: for this reason, or without any, because nothing can be heard any more."""
        self._ending, self._cut = ending, True
        self._changed.notify_all()

    def take(self, timeout_s: float) -> Told:
        """What is to be told, as soon as there is any of it, or nothing after `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._lost or self._cut, timeout_s)
            changes, lost = tuple(self._waiting.values()), self._lost
            self._waiting, self._lost = {}, False
            return Told(changes, self.position, lost, self._ending, self._cut)
