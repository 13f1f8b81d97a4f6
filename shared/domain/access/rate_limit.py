"""How many requests a client may send in a minute, counted by every instance and added up between them now and then.

An instance decides at once, by its own count and what it last heard of the others'. It tells the others nothing while
it has counted little, so that ordinary use costs nothing; after that it adds its count to the minute's document every
few seconds, and the answer to that is everybody's sum. So nobody is refused before the limit, and what passes beyond it
is at most what instances have not told yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MINUTE_S = 60
TELL_EVERY_S = 5.0
_QUIET_SHARE = 20  # the part of the limit below which an instance tells nothing: a twentieth


@dataclass(frozen=True)
class RateLimit:
    """So many requests of a client in each minute of the clock."""

    requests: int

    @property
    def quiet(self) -> int:
        """Up to here an instance keeps its count to itself."""
        return self.requests // _QUIET_SHARE


@dataclass(frozen=True)
class ClientMinute:
    """What one instance knows of a client's requests in one minute.

    `own` are those that it let pass, of which it has `told` the others; `others` is what they have told. `told_at` is
    when it last told, in seconds since 1970.
    """

    minute: int
    own: int = 0
    told: int = 0
    others: int = 0
    told_at: float = 0.0

    def remaining(self, limit: RateLimit) -> int:
        """How many requests may still pass, as far as this instance knows."""
        return max(0, limit.requests - self.own - self.others)

    def with_request(self) -> ClientMinute:
        """One more that was let pass."""
        return replace(self, own=self.own + 1)

    def untold(self, limit: RateLimit, now_s: float) -> int:
        """How many requests it is time to tell the others of."""
        if self.own <= limit.quiet or now_s - self.told_at < TELL_EVERY_S:
            return 0
        return self.own - self.told

    def telling(self, now_s: float) -> ClientMinute:
        """While it is under way nothing else is told."""
        return replace(self, told_at=now_s)

    def after_telling(self, requests: int, total: int) -> ClientMinute:
        """The others now know of `requests` more; `total` is what all have told, this instance among them."""
        told = self.told + requests
        return replace(self, told=told, others=max(self.others, total - told))


def minute_of(now_s: float) -> int:
    """The minute of the clock, since 1970."""
    return int(now_s // MINUTE_S)


def seconds_left(now_s: float) -> int:
    """Until the next minute begins, rounded up: 1 to 60."""
    return MINUTE_S - int(now_s % MINUTE_S)
