"""Products and their stock: `products/{key}` and `stock_levels/{key}`, decimals as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from shared.domain.errors import NotFound
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.bulk import every_document
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_WRITES_PER_COMMIT = 400  # Firestore takes 500 or 10 MiB
_COMMITS_AT_ONCE = 4
_READS_PER_CALL = 1000


class Products:
    """The products of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("products")

    def get(self, item_id: str, transaction: Transaction | None = None) -> tuple[Product, str]:
        """The product and its version (ETag); raises NotFound."""
        found = read(self._reference(item_id), transaction)
        if not found.exists:
            raise NotFound("product_not_found", f"no product {item_id!r}")
        return product_of(found.to_dict()), found.update_time.isoformat()

    def get_many(self, item_ids: Iterable[str], transaction: Transaction | None = None) -> dict[str, Product]:
        """The products among these ids that exist, by their id; one call, a read for each."""
        references = [self._reference(item_id) for item_id in dict.fromkeys(item_ids)]
        if not references:
            return {}
        reader = self._tenant.database if transaction is None else transaction
        found = [product_of(one.to_dict()) for one in reader.get_all(references) if one.exists]
        return {one.item_id: one for one in found}

    def existing_ids(self, item_ids: Iterable[str]) -> set[str]:
        """Which of these items there are; a read for each."""
        found: set[str] = set()
        wanted = iter([self._reference(item_id) for item_id in item_ids])
        while some := list(islice(wanted, _READS_PER_CALL)):
            for one in self._tenant.database.get_all(some, field_paths=["item_id"]):
                if one.exists:
                    found.add((one.to_dict() or {})["item_id"])
        return found

    def every(self) -> Iterator[Product]:
        """All products; one read each."""
        return (product_of(fields) for fields in every_document(self._collection))

    def put(self, transaction: Transaction, product: Product) -> Versioned[Product]:
        return Versioned(product, transaction.set(self._reference(product.item_id), _fields(product)))

    def put_many(self, products: Iterable[Product]) -> int:
        """Write products outside a transaction, in batches; returns how many. For imports, which may be repeated."""
        return write_batches(
            self._tenant, ((self._reference(product.item_id), _fields(product)) for product in products)
        )

    def _reference(self, item_id: str) -> DocumentReference:
        return self._collection.document(document_key(item_id))


class StockLevels:
    """The stock of one tenant: one document per item."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("stock_levels")

    def get(self, item_id: str, transaction: Transaction | None = None) -> StockLevel:
        """The item's stock; an item without a document has none anywhere."""
        found = read(self._reference(item_id), transaction)
        return stock_of(found.to_dict()) if found.exists else StockLevel(item_id, {})

    def get_many(self, item_ids: Iterable[str]) -> dict[str, StockLevel]:
        """The stock of each of these items; one call."""
        references = {self._reference(item_id).id: item_id for item_id in item_ids}
        found = self._tenant.database.get_all([self._collection.document(key) for key in references])
        stock = {references[one.id]: stock_of(one.to_dict()) for one in found if one.exists}
        return {item_id: stock.get(item_id, StockLevel(item_id, {})) for item_id in references.values()}

    def every(self) -> Iterator[StockLevel]:
        """All stock; one read an item."""
        return (stock_of(fields) for fields in every_document(self._collection))

    def put(self, transaction: Transaction, stock: StockLevel) -> None:
        transaction.set(self._reference(stock.item_id), _stock_fields(stock))

    def put_many(self, levels: Iterable[StockLevel]) -> int:
        """Write stock outside a transaction, in batches; returns how many documents."""
        return write_batches(self._tenant, ((self._reference(one.item_id), _stock_fields(one)) for one in levels))

    def _reference(self, item_id: str) -> DocumentReference:
        return self._collection.document(document_key(item_id))


def write_batches(tenant: Tenant, documents: Iterable[tuple[DocumentReference, dict[str, Any]]]) -> int:
    """Set documents in commits of a few hundred, some of them side by side; returns how many were written."""

    def commit(part: list[tuple[DocumentReference, dict[str, Any]]]) -> int:
        batch = tenant.database.batch()
        for reference, fields in part:
            batch.set(reference, fields)
        batch.commit()
        return len(part)

    waiting = iter(documents)
    parts = iter(lambda: list(islice(waiting, _WRITES_PER_COMMIT)), [])
    written = 0
    with ThreadPoolExecutor(max_workers=_COMMITS_AT_ONCE) as side_by_side:
        # No more are taken than are being written: memory does not grow with their number.
        while some := list(islice(parts, _COMMITS_AT_ONCE)):
            written += sum(side_by_side.map(commit, some))
    return written


def product_of(fields: Any) -> Product:
    return Product(**{**fields, "unit_cost": Decimal(fields["unit_cost"])})


def stock_of(fields: Any) -> StockLevel:
    return StockLevel(fields["item_id"], {place: Decimal(units) for place, units in fields["levels"].items()})


def _fields(product: Product) -> dict[str, Any]:
    return {**vars(product), "unit_cost": str(product.unit_cost)}


def _stock_fields(stock: StockLevel) -> dict[str, Any]:
    levels = {place: str(units) for place, units in stock.levels.items()}
    return {"item_id": stock.item_id, "levels": levels, "total": str(stock.total)}
