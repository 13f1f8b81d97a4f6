"""Where the catalog's documents lie: `catalog/pointer`, `catalog/item:{key}`, `catalog_chunks/{id}`,
`catalog_edits/{id}`. What they hold: shared/catalog/store.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.firestore import SERVER_TIMESTAMP

from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

# Of the pointer; each is one text, so that a merge replaces all of it.
SETTINGS_FIELD = "settings_in_force"
ENDED_ACCESS_FIELD = "ended_access"


class CatalogDocuments:
    """References to the catalog documents of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._catalog = tenant.collection("catalog")
        self._chunks = tenant.collection("catalog_chunks")
        self._edits = tenant.collection("catalog_edits")

    @property
    def pointer(self) -> DocumentReference:
        """Names the snapshot and the edits made since."""
        return self._catalog.document("pointer")

    def put_settings(self, transaction: Transaction, settings: Settings) -> None:
        """Have every list apply these settings from its next request on, as part of the transaction that saves them."""
        fields = {"touched_at": SERVER_TIMESTAMP, SETTINGS_FIELD: settings.model_dump_json()}
        transaction.set(self.pointer, fields, merge=True)

    def put_ended_access(self, transaction: Transaction, ended: str) -> None:
        """Let who reads the catalog know what access has ended, as part of the transaction that ends it."""
        transaction.set(self.pointer, {"touched_at": SERVER_TIMESTAMP, ENDED_ACCESS_FIELD: ended}, merge=True)

    def last_edit(self, item_id: str) -> DocumentReference:
        """Names the item's last edit."""
        return self._catalog.document("item:" + document_key(item_id))

    def chunk(self, chunk_id: str) -> DocumentReference:
        """A part of a snapshot."""
        return self._chunks.document(chunk_id)

    def edit(self, edit_id: str) -> DocumentReference:
        """What one transaction changed."""
        return self._edits.document(edit_id)
