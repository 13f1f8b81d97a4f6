"""How often a sign-in was tried in a row, `sign_in_attempts/{key}`: for an address or from a source, as a hash.

An address that no user has is counted like one that has: the answers are not to tell them apart.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING

from shared.domain.access.session import AttemptLimit, SignInAttempts
from shared.firestore.transaction import Transaction, read, transact

if TYPE_CHECKING:
    from google.cloud.firestore import Client, DocumentReference

_LINES = 16  # in which those wait that count for the same key at once


class SignInAttemptCounts:
    """The counts of one kind of key, such as `address`."""

    def __init__(self, database: Client, kind: str, limit: AttemptLimit) -> None:
        self._database = database
        self._kind = kind
        self._limit = limit

    def attempts(self, key: str, now: dt.datetime, transaction: Transaction | None = None) -> SignInAttempts:
        """The attempts so far; none once they are forgotten. One read."""
        found = read(self._document(key), transaction)
        fields = found.to_dict() if found.exists else None
        if fields is None or fields["expires_at"] <= now:
            return SignInAttempts()
        return SignInAttempts(fields["failed"], fields["blocked_until"])

    def count(self, key: str, now: dt.datetime) -> dt.timedelta:
        """Count an attempt, unless the caller has to wait: returns for how long, zero where it was counted.

        One read, and one write where it was counted.
        """
        document = self._document(key)

        def work(transaction: Transaction) -> dt.timedelta:
            attempts = self.attempts(key, now, transaction)
            wait = attempts.wait(now)
            if not wait:
                fields = vars(attempts.with_another(now, self._limit))
                transaction.set(document, fields | {"expires_at": now + SignInAttempts.FORGOTTEN_AFTER})
            return wait

        return transact(self._database, work, queue=f"sign-in {hash(key) % _LINES}")

    def forget(self, transaction: Transaction, key: str) -> None:
        """Start anew: it succeeded."""
        transaction.delete(self._document(key))

    def _document(self, key: str) -> DocumentReference:
        return self._database.collection("sign_in_attempts").document(
            f"{self._kind}-{sha256(key.encode()).hexdigest()}"
        )
