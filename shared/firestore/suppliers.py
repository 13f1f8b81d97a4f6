"""The tenant's suppliers: `suppliers/{key}`, decimals and times as text, with what they are searched and sorted by."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.folding import folded
from shared.domain.name_search import lookup_term, matches, search_terms, words
from shared.domain.purchasing.supplier import Supplier, SupplierNotFound
from shared.firestore.codec import Codec, decimal, moment, text
from shared.firestore.page import Page, PageRequest, identifier, position, values_at
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant

_FIELDS = tuple(Supplier.__dataclass_fields__)


class Suppliers(Repository[Supplier]):
    """The suppliers of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("suppliers"), _CODEC, _missing)

    def page(self, page: PageRequest, search: str | None = None) -> Page[Supplier]:
        """A page of the suppliers by name; raises Invalid for a position that is none of them.

        With a `search`, those of whose name and id each word of it begins one; a search of several words reads all
        suppliers that the longest of them finds.
        """
        query = self.collection.order_by("sort_name").order_by("__name__")
        if search is None:
            return self.page_of(query, page, self._start, _position)
        if not words(search):
            return Page([], None, 0)
        query = query.where(filter=FieldFilter("search_terms", "array_contains", lookup_term(search)))
        if words(search) == (lookup_term(search),):
            return self.page_of(query, page, self._start, _position)
        suppliers = [each for each in self.found_by(query) if matches(search, each.name, each.supplier_id)]
        first = page.offset
        if page.position is not None:
            first = bisect_right(suppliers, tuple(values_at(page.position, str, identifier)), key=_sort_key)
        listed = suppliers[first : first + page.size]
        following = _position(listed[-1]) if first + page.size < len(suppliers) else None
        return Page(listed, following, len(suppliers))

    def _start(self, place: str) -> dict[str, Any]:
        sort_name, supplier_id = values_at(place, str, identifier)
        return {"sort_name": sort_name, "__name__": self.reference(supplier_id)}


def _missing(supplier_id: str) -> SupplierNotFound:
    return SupplierNotFound(supplier_id)


def _position(supplier: Supplier) -> str:
    return position(*_sort_key(supplier))


def _sort_key(supplier: Supplier) -> tuple[str, str]:
    return folded(supplier.name), supplier.supplier_id


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
