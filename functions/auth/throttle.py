"""How often a password may be tried: for one address, and from one source."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from shared.config import Config
from shared.domain.access.email_address import normal_address
from shared.domain.access.session import OF_A_SOURCE, OF_AN_ADDRESS, TooManyAttempts
from shared.firestore.driver import database
from shared.firestore.sign_in_attempts import SignInAttemptCounts

if TYPE_CHECKING:
    from shared.firestore.transaction import Transaction


class Throttle:
    """Counts before a password is checked, so that no number of attempts at the same time gets past it.

    An attempt for an address costs a write before it is checked, and a delete where it succeeds; a failure costs a
    write for its source. One that has to wait writes nothing.
    """

    def __init__(self, config: Config) -> None:
        self._addresses = SignInAttemptCounts(database(config), "address", OF_AN_ADDRESS)
        self._sources = SignInAttemptCounts(database(config), "source", OF_A_SOURCE)

    def admit(self, email: str, source: str, now: dt.datetime) -> None:
        """Count an attempt that is about to be checked; raises TooManyAttempts where it may not be."""
        wait = self._sources.attempts(source, now).wait(now) or self._addresses.count(normal_address(email), now)
        if wait:
            raise TooManyAttempts(wait)

    def failed(self, source: str, now: dt.datetime) -> None:
        """Count a wrong attempt of a source."""
        self._sources.count(source, now)

    def forget(self, transaction: Transaction, email: str) -> None:
        """Start anew for the address: its user has shown who he is, or has another password."""
        self._addresses.forget(transaction, normal_address(email))
