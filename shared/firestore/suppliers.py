"""The tenant's suppliers: `suppliers/{key}`, decimals and times as text, with what they are searched and sorted by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import NotFound
from shared.domain.name_search import folded, lookup_term, matches, search_terms, words
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.bulk import every_document
from shared.firestore.page_positions import unknown_position
from shared.firestore.products import write_batches
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

# A search of several words looks at no more suppliers for one page; the next page goes on behind them.
_SCANNED = 1000
_SEARCHED_AT_ONCE = 100
_FIELDS = tuple(Supplier.__dataclass_fields__)


class Suppliers:
    """The suppliers of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("suppliers")

    def get(self, supplier_id: str, transaction: Transaction | None = None) -> tuple[Supplier, str]:
        """The supplier and its version (ETag); raises NotFound."""
        found = read(self._reference(supplier_id), transaction)
        if not found.exists:
            raise NotFound("supplier_not_found", f"no supplier {supplier_id!r}")
        return _supplier(found.to_dict()), found.update_time.isoformat()

    def get_many(self, supplier_ids: Iterable[str], transaction: Transaction | None = None) -> dict[str, Supplier]:
        """The suppliers among these ids that exist, by their id; one call."""
        references = [self._reference(supplier_id) for supplier_id in dict.fromkeys(supplier_ids)]
        if not references:
            return {}
        reader = self._tenant.database if transaction is None else transaction
        found = [_supplier(one.to_dict()) for one in reader.get_all(references) if one.exists]
        return {one.supplier_id: one for one in found}

    def every(self) -> Iterator[Supplier]:
        """All suppliers; one read each."""
        return (_supplier(fields) for fields in every_document(self._collection))

    def page(self, size: int, after: str | None, search: str | None = None) -> tuple[list[Supplier], str | None]:
        """Up to `size` suppliers by name, those behind the position `after`, and the position of the next page.

        With a `search`, those of whose name and id each word of it begins one. A page may then have fewer suppliers
        than `size` although another one follows. The position is None behind the last page.
        """
        if search is not None and not words(search):
            return [], None
        query = self._collection.order_by("sort_name").order_by("__name__")
        at_once = size
        if search is not None:
            query = query.where(filter=FieldFilter("search_terms", "array_contains", lookup_term(search)))
            at_once = size if len(words(search)) == 1 else max(size, _SEARCHED_AT_ONCE)
        found: list[Supplier] = []
        scanned, position = 0, after
        while True:
            part = query if position is None else query.start_after(self._cursor(position))
            batch = [_supplier(one.to_dict()) for one in part.limit(at_once).stream()]
            for supplier in batch:
                position = _position(supplier)
                if search is None or matches(search, supplier.name, supplier.supplier_id):
                    found.append(supplier)
                    if len(found) == size:
                        return found, position
            scanned += len(batch)
            if len(batch) < at_once:
                return found, None
            if scanned >= _SCANNED:
                return found, position

    def put(self, transaction: Transaction, supplier: Supplier) -> Versioned[Supplier]:
        return Versioned(supplier, transaction.set(self._reference(supplier.supplier_id), _document(supplier)))

    def put_many(self, suppliers: Iterable[Supplier]) -> int:
        """Write suppliers outside a transaction, in batches; returns how many. For imports, which may be repeated."""
        return write_batches(self._tenant, ((self._reference(one.supplier_id), _document(one)) for one in suppliers))

    def delete(self, transaction: Transaction, supplier_id: str) -> None:
        transaction.delete(self._reference(supplier_id))

    def _cursor(self, position: str) -> dict[str, Any]:
        sort_name, _, supplier_id = position.partition("\n")
        if not supplier_id:
            raise unknown_position()
        return {"sort_name": sort_name, "__name__": self._reference(supplier_id)}

    def _reference(self, supplier_id: str) -> DocumentReference:
        return self._collection.document(document_key(supplier_id))


def _position(supplier: Supplier) -> str:
    return f"{folded(supplier.name)}\n{supplier.supplier_id}"


def _document(supplier: Supplier) -> dict[str, Any]:
    least, created = supplier.minimum_order_value, supplier.created_at
    return vars(supplier) | {
        "minimum_order_value": None if least is None else str(least),
        "created_at": None if created is None else created.isoformat(),
        "sort_name": folded(supplier.name),
        "search_terms": search_terms(supplier.name, supplier.supplier_id),
    }


def _supplier(fields: Any) -> Supplier:
    """What is not in the document is None; `sort_name` and `search_terms` are only for queries."""
    known = {name: fields[name] for name in _FIELDS if name in fields}
    least, created = known.get("minimum_order_value"), known.get("created_at")
    return Supplier(
        **known
        | {
            "minimum_order_value": None if least is None else Decimal(least),
            "created_at": None if created is None else dt.datetime.fromisoformat(created),
        }
    )
