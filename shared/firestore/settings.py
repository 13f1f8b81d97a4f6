"""A client's settings: `settings/current`."""

from __future__ import annotations

from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned


class SettingsStore:
    def __init__(self, tenant: Tenant) -> None:
        self._document = tenant.collection("settings").document("current")

    def get(self, transaction: Transaction | None = None) -> tuple[Settings, str]:
        """The settings and their version (ETag); a client that never saved any has the defaults, version "0"."""
        found = read(self._document, transaction)
        if not found.exists:
            return Settings(), "0"
        return Settings.model_validate(found.to_dict()), found.update_time.isoformat()

    def put(self, transaction: Transaction, settings: Settings) -> Versioned[Settings]:
        return Versioned(settings, transaction.set(self._document, settings.model_dump(mode="json")))
