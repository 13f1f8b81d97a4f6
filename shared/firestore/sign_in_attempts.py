"""How often a sign-in was tried in a row, `sign_in_attempts/{key}`: for an address or from a source, as a hash.

An address that no user has is counted like one that has: the answers are not to tell them apart. The document of an
address also knows, as fingerprints, which sources its user has signed in from.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from shared.domain.access.sign_in_attempts import KNOWN_FOR, OF_A_SOURCE, AddressAttempts, SignInAttempts
from shared.firestore.codec import held
from shared.firestore.transaction import Transaction, read, transact

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client, DocumentReference

T = TypeVar("T")
_LINES = 16  # in which those wait that count for the same key at once


class SourceAttempts:
    """The wrong attempts of each source."""

    def __init__(self, database: Client) -> None:
        self._database = database

    def of(self, source: str, now: dt.datetime, transaction: Transaction | None = None) -> SignInAttempts:
        """The attempts so far; none once they are forgotten. One read."""
        found = read(_document(self._database, "source", source), transaction)
        return _attempts(found.to_dict() or {}).at(now) if found.exists else SignInAttempts()

    def count(self, source: str, now: dt.datetime, also: Callable[[Transaction], None] | None = None) -> None:
        """Count a wrong attempt, unless the source has to wait already, and do what is to be done with it. One read and
        one write."""
        document = _document(self._database, "source", source)

        def work(transaction: Transaction) -> None:
            attempts = self.of(source, now, transaction)
            if not attempts.wait(now):
                counted = attempts.with_another(now, OF_A_SOURCE)
                transaction.set(document, vars(counted) | {"expires_at": now + SignInAttempts.FORGOTTEN_AFTER})
            if also is not None:
                also(transaction)

        _in_line(self._database, source, work)


class AddressAttemptsStore:
    """The attempts for each address."""

    def __init__(self, database: Client) -> None:
        self._database = database

    def of(self, address: str, now: dt.datetime, transaction: Transaction | None = None) -> AddressAttempts:
        """The attempts so far; without those that are forgotten. One read."""
        found = read(_document(self._database, "address", address), transaction)
        fields = (found.to_dict() or {}) if found.exists else {}
        if not fields or fields["expires_at"] <= now:
            return AddressAttempts()
        return AddressAttempts(
            _attempts(fields.get("of_others", {})).at(now),
            {known["source"]: _attempts(known).at(now) for known in fields.get("of_known", [])},
        )

    def count(self, address: str, source: str, now: dt.datetime) -> tuple[AddressAttempts, dt.timedelta]:
        """Count an attempt from a source, unless it has to wait: returns the attempts with it, and for how long, zero
        where it was counted. One read, and one write where it was counted."""

        def work(transaction: Transaction) -> tuple[AddressAttempts, dt.timedelta]:
            attempts = self.of(address, now, transaction)
            wait = attempts.of(source).wait(now)
            if not wait:
                attempts = attempts.with_another(source, now)
                self._put(transaction, address, attempts, now)
            return attempts, wait

        return _in_line(self._database, address, work)

    def succeeded(
        self, transaction: Transaction, address: str, source: str, attempts: AddressAttempts, now: dt.datetime
    ) -> None:
        """It was the user; `attempts` are those with the one that succeeded. Where the source was known before, what
        strangers are counted meanwhile stays. One write."""
        self._put(transaction, address, attempts.after_success(source), now, but_others=source in attempts.of_known)

    def forget(self, transaction: Transaction, address: str) -> None:
        """Start anew: with another password, or another user."""
        transaction.delete(_document(self._database, "address", address))

    def _put(
        self,
        transaction: Transaction,
        address: str,
        attempts: AddressAttempts,
        now: dt.datetime,
        *,
        but_others: bool = False,
    ) -> None:
        fields: dict[str, Any] = {
            # A list, because a map of Firestore's has no order.
            "of_known": [{"source": source} | vars(known) for source, known in attempts.of_known.items()],
            "expires_at": now + (KNOWN_FOR if attempts.of_known else SignInAttempts.FORGOTTEN_AFTER),
        }
        if not but_others:
            fields["of_others"] = vars(attempts.of_others)
        transaction.set(_document(self._database, "address", address), fields, merge=but_others)


def _attempts(fields: dict[str, Any]) -> SignInAttempts:
    return SignInAttempts(**held(fields, SignInAttempts))


def attempts_of_address(database: Client, address: str) -> DocumentReference:
    """Where the attempts for an address lie: they go with its user."""
    return _document(database, "address", address)


def _document(database: Client, kind: str, key: str) -> DocumentReference:
    return database.collection("sign_in_attempts").document(f"{kind}-{sha256(key.encode()).hexdigest()}")


def _in_line(database: Client, key: str, work: Callable[[Transaction], T]) -> T:
    return transact(database, work, queue=f"sign-in {hash(key) % _LINES}")
