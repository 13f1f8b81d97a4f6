"""Where the catalog's documents lie: `catalog/pointer`, `catalog/item:{key}`, `catalog_chunks/{id}`,
`catalog_edits/{id}`. What they hold: shared/catalog/store.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference


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

    def last_edit(self, item_id: str) -> DocumentReference:
        """Names the item's last edit."""
        return self._catalog.document("item:" + document_key(item_id))

    def chunk(self, chunk_id: str) -> DocumentReference:
        """A part of a snapshot."""
        return self._chunks.document(chunk_id)

    def edit(self, edit_id: str) -> DocumentReference:
        """What one transaction changed."""
        return self._edits.document(edit_id)
