"""Attempts to sign in: when a caller must wait, and who waits for whom.

Attempts for an address are counted whether a user has it or not. Those from a source that its user has signed in from
are counted by themselves, so that no stranger can lock the user out.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.domain.errors import TooManyRequests

KNOWN_SOURCES = 5  # of a user, the latest
KNOWN_FOR = dt.timedelta(days=90)  # after the last sign-in
_IPV6_NETWORK = 64  # bits that a caller cannot choose


class TooManyAttempts(TooManyRequests):
    """Too many wrong passwords; Retry-After says how long to wait."""

    code = "too_many_attempts"

    def __init__(self, wait: dt.timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        detail = f"too many wrong passwords; try again in {seconds} seconds"
        super().__init__(detail, headers={"Retry-After": str(seconds)})


@dataclass(frozen=True)
class AttemptLimit:
    """How many attempts are free, and the wait after them. Each one more doubles it, up to the longest."""

    free: int
    first_wait: dt.timedelta
    longest_wait: dt.timedelta


OF_AN_ADDRESS = AttemptLimit(5, dt.timedelta(seconds=5), dt.timedelta(minutes=15))
# An office is one source. This slows down who tries one password with many addresses.
OF_A_SOURCE = AttemptLimit(100, dt.timedelta(seconds=1), dt.timedelta(minutes=1))


@dataclass(frozen=True)
class SignInAttempts:
    """Attempts in a row that were not seen to succeed, for one address or from one source."""

    FORGOTTEN_AFTER = dt.timedelta(days=1)

    failed: int = 0
    blocked_until: dt.datetime | None = None
    counted_at: dt.datetime | None = None  # the last one

    def at(self, now: dt.datetime) -> SignInAttempts:
        """As they count now: none once they are forgotten."""
        forgotten = self.counted_at is not None and now - self.counted_at >= self.FORGOTTEN_AFTER
        return SignInAttempts() if forgotten else self

    def wait(self, now: dt.datetime) -> dt.timedelta:
        """How long the caller still has to wait; zero when a try is allowed."""
        return max(self.blocked_until - now, dt.timedelta()) if self.blocked_until else dt.timedelta()

    def with_another(self, now: dt.datetime, limit: AttemptLimit) -> SignInAttempts:
        """One more. Counted before the password is checked, it holds for attempts at the same time too."""
        failed = self.at(now).failed + 1
        excess = failed - limit.free
        if excess < 0:
            return SignInAttempts(failed, None, now)
        return SignInAttempts(failed, now + min(limit.first_wait * 2 ** min(excess, 20), limit.longest_wait), now)


@dataclass(frozen=True)
class AddressAttempts:
    """Attempts for one address: `of_known` by each source that its user has signed in from lately, the latest first,
    and `of_others` from all the rest of the world together."""

    of_others: SignInAttempts = SignInAttempts()
    of_known: Mapping[str, SignInAttempts] = field(default_factory=dict)

    def of(self, source: str) -> SignInAttempts:
        """The attempts that one from this source counts with."""
        return self.of_known.get(source, self.of_others)

    def with_another(self, source: str, now: dt.datetime) -> AddressAttempts:
        """One more from this source, before it is checked."""
        counted = self.of(source).with_another(now, OF_AN_ADDRESS)
        if source in self.of_known:
            return replace(self, of_known={**self.of_known, source: counted})
        return replace(self, of_others=counted)

    def after_success(self, source: str) -> AddressAttempts:
        """It was the user: the source is known, and its attempts start anew. A stranger's do not."""
        rest = [(each, attempts) for each, attempts in self.of_known.items() if each != source]
        of_others = self.of_others if source in self.of_known else SignInAttempts()
        return AddressAttempts(of_others, dict([(source, SignInAttempts()), *rest[: KNOWN_SOURCES - 1]]))


def network_of(source: str) -> str:
    """What counts as one source: of an IPv6 address its network, in which a caller may take any address."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if not isinstance(address, ipaddress.IPv6Address):
        return source
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
