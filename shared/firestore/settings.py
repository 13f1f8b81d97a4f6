"""A client's settings: `settings/current`."""

from __future__ import annotations

from shared.domain.settings import Settings
from shared.firestore.codec import Codec
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

_CURRENT = "current"


class SettingsStore:
    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("settings"), _CODEC)

    def get(self, transaction: Transaction | None = None) -> Versioned[Settings]:
        """The settings; those of a client that never saved any are the defaults."""
        return self._documents.find(_CURRENT, transaction) or Versioned(Settings())

    def put(self, transaction: Transaction, settings: Settings) -> Versioned[Settings]:
        return self._documents.put(transaction, settings)


_CODEC = Codec[Settings](
    identifier=lambda _: _CURRENT,
    encode=lambda settings: settings.model_dump(mode="json"),
    decode=Settings.model_validate,
)
