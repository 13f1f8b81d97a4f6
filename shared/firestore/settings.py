"""A client's settings: `settings/current`."""

from __future__ import annotations

from shared.domain.settings import Settings
from shared.firestore.catalog_documents import CatalogDocuments
from shared.firestore.codec import Codec
from shared.firestore.repository import Documents
from shared.firestore.stored_models import stored_model
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

_CURRENT = "current"


class SettingsStore:
    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("settings"), _CODEC)
        self._catalog = CatalogDocuments(tenant)

    def get(self, transaction: Transaction | None = None) -> Versioned[Settings]:
        """The settings; those of a client that never saved any are the defaults."""
        return self._documents.find(_CURRENT, transaction) or Versioned(Settings())

    def put(self, transaction: Transaction, settings: Settings) -> Versioned[Settings]:
        """Save the settings, and have every list apply them from its next request on."""
        self._catalog.put_settings(transaction, settings)
        return self._documents.put(transaction, settings)


_CODEC = Codec[Settings](
    identifier=lambda _: _CURRENT,
    encode=lambda settings: settings.model_dump(mode="json"),
    decode=lambda fields: stored_model(Settings, fields),
)
