"""Idempotency keys, `idempotency/{key}`: who works on a request, and what it was answered with; kept for a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum

from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, read

KEPT = dt.timedelta(hours=24)
_CLAIM = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class KeptAnswer:
    """What a request was answered with."""

    body: str
    status: int
    headers: Mapping[str, str]


class Claim(Enum):
    """What became of the claim of a key: it is ours, it came with another content, its request may still run."""

    OURS = "ours"
    OTHER_CONTENT = "other content"
    RUNNING = "running"


class IdempotencyKeys:
    """The keys of one tenant's users."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("idempotency")

    def claim(self, key: str, fingerprint: str, now: dt.datetime) -> KeptAnswer | Claim:
        """Claim the key for a request of this content, or give the answer that was kept under it.

        A claim that was neither kept nor freed holds for a minute: its request was killed.
        """
        document = self._collection.document(key)

        def work(transaction: Transaction) -> KeptAnswer | Claim:
            stored = read(document, transaction)
            fields = stored.to_dict() if stored.exists else None
            if fields is not None and now < fields["expires_at"]:
                if fields["fingerprint"] != fingerprint:
                    return Claim.OTHER_CONTENT
                if fields["response"] is not None:
                    return KeptAnswer(**fields["response"])
                if now < fields["claimed_at"] + _CLAIM:
                    return Claim.RUNNING
            claim = {"fingerprint": fingerprint, "response": None, "claimed_at": now, "expires_at": now + KEPT}
            transaction.set(document, claim)
            return Claim.OURS

        return self._tenant.transact(work)

    def keep(self, key: str, answer: KeptAnswer) -> None:
        """Keep the answer under a claimed key."""
        self._collection.document(key).update({"response": asdict(answer)})

    def free(self, key: str) -> None:
        """Give a claimed key up: the request may be sent again."""
        self._collection.document(key).delete()
