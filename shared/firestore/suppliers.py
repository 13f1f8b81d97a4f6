"""The tenant's suppliers: `suppliers/{key}`, decimals and times as text, with what they are searched and sorted by."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.name_search import folded, lookup_term, matches, search_terms, words
from shared.domain.purchasing.supplier import Supplier, SupplierNotFound
from shared.firestore.codec import Codec, decimal, moment, text
from shared.firestore.page import Page, identifier, position, values_at
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant

# A search of several words looks at no more suppliers for one page; the next page goes on behind them.
_SCANNED = 1000
_SEARCHED_AT_ONCE = 100
_FIELDS = tuple(Supplier.__dataclass_fields__)


class Suppliers(Repository[Supplier]):
    """The suppliers of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("suppliers"), _CODEC, _missing)

    def page(self, size: int, place: str | None, search: str | None = None) -> Page[Supplier]:
        """Up to `size` suppliers by name, those behind a page's position; raises Invalid for anything else.

        With a `search`, those of whose name and id each word of it begins one. A page may then have fewer suppliers
        than `size` although another one follows. The position is None behind the last page.
        """
        if search is not None and not words(search):
            return Page([], None)
        query = self.collection.order_by("sort_name").order_by("__name__")
        at_once = size
        if search is not None:
            query = query.where(filter=FieldFilter("search_terms", "array_contains", lookup_term(search)))
            at_once = size if len(words(search)) == 1 else max(size, _SEARCHED_AT_ONCE)
        found: list[Supplier] = []
        scanned, behind = 0, place
        while True:
            part = query if behind is None else query.start_after(self._start(behind))
            batch = self.found_by(part.limit(at_once))
            for supplier in batch:
                behind = _position(supplier)
                if search is None or matches(search, supplier.name, supplier.supplier_id):
                    found.append(supplier)
                    if len(found) == size:
                        return Page(found, behind)
            scanned += len(batch)
            if len(batch) < at_once:
                return Page(found, None)
            if scanned >= _SCANNED:
                return Page(found, behind)

    def _start(self, place: str) -> dict[str, Any]:
        sort_name, supplier_id = values_at(place, str, identifier)
        return {"sort_name": sort_name, "__name__": self.reference(supplier_id)}


def _missing(supplier_id: str) -> SupplierNotFound:
    return SupplierNotFound(supplier_id)


def _position(supplier: Supplier) -> str:
    return position(folded(supplier.name), supplier.supplier_id)


def _encode(supplier: Supplier) -> dict[str, Any]:
    return vars(supplier) | {
        "minimum_order_value": text(supplier.minimum_order_value),
        "created_at": text(supplier.created_at),
        "sort_name": folded(supplier.name),
        "search_terms": search_terms(supplier.name, supplier.supplier_id),
    }


def _decode(fields: Any) -> Supplier:
    """What is not in the document is None; `sort_name` and `search_terms` are only for queries."""
    held = {name: fields[name] for name in _FIELDS if name in fields}
    values = {
        "minimum_order_value": decimal(held.get("minimum_order_value")),
        "created_at": moment(held.get("created_at")),
    }
    return Supplier(**held | values)


_CODEC = Codec[Supplier](lambda supplier: supplier.supplier_id, _encode, _decode)
