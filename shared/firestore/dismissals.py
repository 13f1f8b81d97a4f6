"""Dismissed recommendations: `dismissals/{recommendation_id}`, times as text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from shared.domain.planning.dismissal import Dismissal
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference


class Dismissals:
    """The dismissals of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("dismissals")

    def get(self, recommendation_id: str, transaction: Transaction | None = None) -> Dismissal | None:
        """The dismissal, whether it has ended or not; None where the recommendation was not dismissed."""
        found = read(self._reference(recommendation_id), transaction)
        return _dismissal(found.to_dict()) if found.exists else None

    def put(self, transaction: Transaction, dismissal: Dismissal) -> None:
        fields = vars(dismissal) | {
            "until": dismissal.until.isoformat() if dismissal.until else None,
            "dismissed_at": dismissal.dismissed_at.isoformat(),
        }
        transaction.set(self._reference(dismissal.recommendation_id), fields)

    def delete(self, transaction: Transaction, recommendation_id: str) -> None:
        transaction.delete(self._reference(recommendation_id))

    def _reference(self, recommendation_id: str) -> DocumentReference:
        return self._collection.document(document_key(recommendation_id))


def _dismissal(fields: Any) -> Dismissal:
    until = fields["until"]
    return Dismissal(
        **{
            **fields,
            "until": dt.date.fromisoformat(until) if until else None,
            "dismissed_at": dt.datetime.fromisoformat(fields["dismissed_at"]),
        }
    )
