"""How often a password may be tried: for one address, and from one source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.auth.own_audit import audit_own
from shared.config import Config
from shared.domain.access.audit import AuditAction
from shared.domain.access.email_address import normal_address
from shared.domain.access.session import derived_secret
from shared.domain.access.sign_in_attempts import OF_AN_ADDRESS, AddressAttempts, TooManyAttempts, network_of
from shared.firestore.driver import database
from shared.firestore.sign_in_attempts import AddressAttemptsStore, SourceAttempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.domain.access.user import User
    from shared.firestore.transaction import Transaction


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted, and may be checked now."""

    address: str
    source: str  # as it came
    fingerprint: str  # of the source, as it is kept
    attempts: AddressAttempts  # for the address, with this one

    @property
    def count(self) -> int:
        """How many there were in a row with this one."""
        return self.attempts.of(self.fingerprint).failed

    @property
    def is_last_free(self) -> bool:
        """Whether the next one has to wait."""
        return self.count == OF_AN_ADDRESS.free


class Throttle:
    """Counts before a password is checked, so that no number of attempts at the same time gets past it.

    An attempt for an address costs a write before it is checked, and one where it succeeds; a failure costs a write for
    its source. One that has to wait writes nothing.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._addresses = AddressAttemptsStore(database(config))
        self._sources = SourceAttempts(database(config))

    def admit(self, email: str, source: str, now: dt.datetime) -> Attempt:
        """Count an attempt that is about to be checked; raises TooManyAttempts where it may not be."""
        address, network = normal_address(email), network_of(source)
        if wait := self._sources.of(network, now).wait(now):
            raise TooManyAttempts(wait)
        # Keyed, because who reads the database could try all addresses of the internet otherwise.
        fingerprint = derived_secret(next(iter(self._config.peppers.values())), "source", address, network)
        attempts, wait = self._addresses.count(address, fingerprint, now)
        if wait:
            raise TooManyAttempts(wait)
        return Attempt(address, source, fingerprint, attempts)

    def failed(self, attempt: Attempt, now: dt.datetime, also: Callable[[Transaction], None] | None = None) -> None:
        """It was wrong: count it for its source, and do what is to be done with that."""
        self._sources.count(network_of(attempt.source), now, also)

    def succeeded(self, transaction: Transaction, attempt: Attempt, now: dt.datetime) -> None:
        """The user has shown who he is: the source is known from now on."""
        self._addresses.succeeded(transaction, attempt.address, attempt.fingerprint, attempt.attempts, now)

    def forget(self, transaction: Transaction, email: str) -> None:
        """Start anew for the address, of which no source is known then: it has another password, or no user."""
        self._addresses.forget(transaction, normal_address(email))


def audited_refusal(
    config: Config, user: User | None, attempt: Attempt, now: dt.datetime
) -> Callable[[Transaction], None] | None:
    """What writes into the log of the user's client that passwords were tried: at the one after which the next has to
    wait, so that nobody can fill the log. None where there is nothing to write."""
    if user is None or not attempt.is_last_free:
        return None
    after = {"attempts": attempt.count}
    return lambda transaction: audit_own(
        config, transaction, user, AuditAction.USER_REFUSED, now, attempt.source, after
    )
