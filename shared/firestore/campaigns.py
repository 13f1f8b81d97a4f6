"""The tenant's marketing campaigns."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import FieldFilter

from shared.firestore.tenant import Tenant

_SHOWN = ("campaign_id", "name", "status", "start_date", "end_date")


class Campaigns:
    def __init__(self, tenant: Tenant) -> None:
        self._collection = tenant.collection("campaigns")

    def of_item(self, item_id: str) -> list[dict[str, Any]]:
        """The campaigns that hold the item, as they are shown with it; one read each."""
        query = self._collection.where(filter=FieldFilter("item_ids", "array_contains", item_id))
        return [{name: (one.to_dict() or {}).get(name) for name in _SHOWN} for one in query.stream()]
