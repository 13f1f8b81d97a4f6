"""Products and their stock: `products/{key}` and `stock_levels/{key}`, decimals as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.domain.errors import NotFound
from shared.domain.product import Product, StockLevel
from shared.firestore.bulk import every_document
from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference, Transaction

_WRITES_PER_COMMIT = 400  # Firestore takes 500 or 10 MiB


class Products:
    """The products of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("products")

    def get(self, item_id: str, transaction: Transaction | None = None) -> tuple[Product, str]:
        """The product and its version (ETag); raises NotFound."""
        found = self._reference(item_id).get(transaction=transaction)
        if not found.exists:
            raise NotFound("product_not_found", f"no product {item_id!r}")
        return product_of(found.to_dict()), found.update_time.isoformat()

    def every(self) -> Iterator[Product]:
        """All products; one read each."""
        return (product_of(fields) for fields in every_document(self._collection))

    def put(self, transaction: Transaction, product: Product) -> None:
        transaction.set(self._reference(product.item_id), _fields(product))

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
        found = self._reference(item_id).get(transaction=transaction)
        return stock_of(found.to_dict()) if found.exists else StockLevel(item_id, {})

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
    """Set documents in commits of a few hundred; returns how many were written."""
    written = 0
    batch = tenant.database.batch()
    for reference, fields in documents:
        batch.set(reference, fields)
        written += 1
        if written % _WRITES_PER_COMMIT == 0:
            batch.commit()
            batch = tenant.database.batch()
    batch.commit()
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
