"""What screens follow of a client: which documents and queries that is, and what their documents tell.

Operations, orders and carts have the database's time of their last write as a field (codec.CHANGED_AT), which a query
asks about; what lists show is in the catalog's pointer. Nobody who writes does anything for those who follow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.access.ended_access import EndedAccess
from shared.domain.live_changes import Change, Topic
from shared.firestore.catalog_documents import ENDED_ACCESS_FIELD, SETTINGS_FIELD, CatalogDocuments
from shared.firestore.codec import CHANGED_AT
from shared.firestore.driver import Document, full_path, get_document
from shared.firestore.ended_access import decoded
from shared.firestore.listening import as_microseconds, as_moment
from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

# A field that has the database's time has that of when the write came in: a commit is somewhat later.
_MARGIN = dt.timedelta(seconds=10)
Tell = Callable[[Mapping[str, Any]], tuple[str, dict[str, object]]]  # the subject, and what is told of it


class Followed:
    """What is followed of one client."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.pointer = CatalogDocuments(tenant).pointer
        self._settings = tenant.collection("settings").document("current")
        self._pointer_path, self._settings_path = full_path(self.pointer), full_path(self._settings)

    @property
    def documents(self) -> list[DocumentReference]:
        """Those that are followed by their names."""
        return [self.pointer, self._settings]

    @property
    def query_count(self) -> int:
        return len(_TOLD)

    def queries(self, since: int) -> list[Any]:
        """What finds all other changes that were committed after `since`, in microseconds, and some of before."""
        return [self._changed(name, since) for name in _TOLD]

    def change(self, path: str, document: Document | None) -> Change | None:
        """What a document tells that was heard of; None where that is nothing."""
        if document is None:
            return None
        at = as_microseconds(document.update_time)
        if path == self._pointer_path:
            version = _catalog_version(document.fields)
            return None if version is None else Change(Topic.CATALOG, "", at, {"version": version})
        if path == self._settings_path:
            return Change(Topic.SETTINGS, "", at)
        collection = path.rsplit("/", 2)[1]
        return _change(collection, at, document.fields) if collection in _TOLD else None

    def ended_access(self, path: str, document: Document | None) -> EndedAccess | None:
        """What access to the client has ended, where this is the document that tells it."""
        if path != self._pointer_path:
            return None
        return decoded(None if document is None else document.fields.get(ENDED_ACCESS_FIELD))

    def missed(self, since: int, user_id: str | None, most: int) -> list[Change] | None:
        """The operations and orders that have changed after `since`, and the cart of the user if there is one; None
        where any are more than `most`.

        A read for each that the queries find, at least one a query, and one for the cart.
        """
        changes = []
        for name in ("operations", "purchase_orders"):
            found = list(self._changed(name, since).limit(most + 1).stream())
            if len(found) > most:
                return None
            changes += [_change(name, as_microseconds(each.update_time), each.to_dict() or {}) for each in found]
        if user_id is not None:
            cart = get_document(self.tenant.collection("carts").document(document_key(user_id)))
            if cart is not None:
                changes.append(_change("carts", as_microseconds(cart.update_time), cart.fields))
        return [change for change in changes if change.at > since]

    def _changed(self, collection: str, since: int) -> Any:
        after = as_moment(since) - _MARGIN
        return self.tenant.collection(collection).where(filter=FieldFilter(CHANGED_AT, ">", after))


def _catalog_version(fields: Mapping[str, Any]) -> str | None:
    """Another one whenever lists may show something else, the same in every instance; None before there is anything."""
    shown = (fields.get("version"), sorted(fields.get("edits", ())), fields.get(SETTINGS_FIELD))
    if not any(shown):
        return None
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _operation(fields: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    told: dict[str, object] = {name: fields[name] for name in ("id", "kind", "status", "step")}
    progress = fields["progress"]
    is_known = progress["done"] or progress["total"] is not None
    told["progress"] = {name: progress[name] for name in ("done", "total")} if is_known else None
    return fields["id"], told


def _order(fields: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    return fields["id"], {name: fields[name] for name in ("id", "po_number", "status")}


def _cart(fields: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    return fields["user_id"], {}


# By the name of the collection.
_TOLD: Mapping[str, tuple[Topic, Tell]] = {
    "operations": (Topic.OPERATION, _operation),
    "purchase_orders": (Topic.ORDER, _order),
    "carts": (Topic.CART, _cart),
}


def _change(collection: str, at: int, fields: Mapping[str, Any]) -> Change:
    topic, tell = _TOLD[collection]
    subject, told = tell(fields)
    return Change(topic, subject, at, told)
