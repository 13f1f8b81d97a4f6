"""What access has ended: `access/ended` of a client, which every request reads, and the same in the catalog's pointer.

Whoever reads the pointer anyway need not read the document: both are written in one transaction, that of the change
which ends the access. They hold one text each, so that a merge replaces all of it.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.domain.access.ended_access import EndedAccess, EndedSessions
from shared.firestore.catalog_documents import CatalogDocuments
from shared.firestore.codec import json_text
from shared.firestore.driver import Document, get_document
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_FIELD = "ended"


class EndedAccessStore:
    """What access to one tenant has ended; of PLATFORM_HOME that of those who run Stockcast."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def get(self) -> EndedAccess:
        """As of now: nothing of it is kept in memory. One read."""
        return told_by(get_document(self.document))

    def end_sessions(self, transaction: Transaction, user_id: str, ended: EndedSessions) -> None:
        """Refuse the tokens of the user's sessions of before from the next request on. One read, two writes."""
        self._put(transaction, self._seen(transaction).with_sessions(user_id, ended))

    def sign_out(self, transaction: Transaction, session_id: str, at: dt.datetime) -> None:
        """Refuse the tokens of one session from the next request on. One read, two writes."""
        self._put(transaction, self._seen(transaction).with_signed_out(session_id, at))

    def suspend(self, transaction: Transaction, suspended: bool) -> None:
        """Refuse the client's tokens from the next request on, or take them again. One read, two writes."""
        self._put(transaction, replace(self._seen(transaction), suspended=suspended))

    @property
    def document(self) -> DocumentReference:
        """The document that says so."""
        return self._tenant.collection("access").document("ended")

    def _seen(self, transaction: Transaction) -> EndedAccess:
        found = transaction.get(self.document)
        return decoded((found.to_dict() or {})[_FIELD] if found.exists else None)

    def _put(self, transaction: Transaction, ended: EndedAccess) -> None:
        text = encoded(ended)
        transaction.set(self.document, {_FIELD: text})
        CatalogDocuments(self._tenant).put_ended_access(transaction, text)


def told_by(document: Document | None) -> EndedAccess:
    """What the document of a store says, or that there is none."""
    return decoded(None if document is None else document.fields[_FIELD])


def encoded(ended: EndedAccess) -> str:
    """As one text."""
    sessions = {user: [each.generation, each.at.isoformat()] for user, each in ended.sessions.items()}
    signed_out = {session: at.isoformat() for session, at in ended.signed_out.items()}
    return json_text({"suspended": ended.suspended, "sessions": sessions, "signed_out": signed_out})


def decoded(text: str | None) -> EndedAccess:
    """What `encoded` was given; without a text nothing has ended."""
    if text is None:
        return EndedAccess()
    fields = json.loads(text)
    return EndedAccess(
        fields["suspended"],
        {
            user: EndedSessions(generation, dt.datetime.fromisoformat(at))
            for user, (generation, at) in fields["sessions"].items()
        },
        # None in what was written before single sessions ended.
        {session: dt.datetime.fromisoformat(at) for session, at in fields.get("signed_out", {}).items()},
    )
