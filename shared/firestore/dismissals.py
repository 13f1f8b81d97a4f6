"""Dismissed recommendations: `dismissals/{recommendation_id}`, times as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shared.domain.planning.dismissal import Dismissal
from shared.firestore.codec import Codec, date, held, text
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction


class Dismissals(Documents[Dismissal]):
    """The dismissals of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("dismissals"), _CODEC)

    def get(self, recommendation_id: str, transaction: Transaction | None = None) -> Dismissal | None:
        """The dismissal, whether it has ended or not; None where the recommendation was not dismissed."""
        stored = self.find(recommendation_id, transaction)
        return None if stored is None else stored.value


def _encode(dismissal: Dismissal) -> dict[str, Any]:
    return vars(dismissal) | {"until": text(dismissal.until), "dismissed_at": text(dismissal.dismissed_at)}


def _decode(fields: Any) -> Dismissal:
    times = {"until": date(fields["until"]), "dismissed_at": dt.datetime.fromisoformat(fields["dismissed_at"])}
    return Dismissal(**{**held(fields, Dismissal), **times})


_CODEC = Codec[Dismissal](lambda dismissal: dismissal.recommendation_id, _encode, _decode)
