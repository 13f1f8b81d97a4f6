"""Products and their stock: `products/{key}` and `stock_levels/{key}`, decimals as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import NotFound
from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.product import Product, ProductNotFound, StockLevel
from shared.firestore.bulk import every_document
from shared.firestore.codec import Codec, by_identifier, date, decimal, from_identifiers, held, map_key, text
from shared.firestore.repository import Documents, Repository
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

_READS_PER_CALL = 1000


class Products(Repository[Product]):
    """The products of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("products"), _PRODUCT, _missing)

    def ids(self) -> list[str]:
        """The item_id of every product; one read a product."""
        return [fields["item_id"] for fields in every_document(self.collection)]

    def existing_ids(self, item_ids: Iterable[str]) -> set[str]:
        """Which of these items exist; a read for each."""
        existing: set[str] = set()
        references = iter([self.reference(item_id) for item_id in item_ids])
        while some := list(islice(references, _READS_PER_CALL)):
            for snapshot in self.database.get_all(some, field_paths=["item_id"]):
                if snapshot.exists:
                    existing.add((snapshot.to_dict() or {})["item_id"])
        return existing


class StockLevels:
    """The stock of one tenant: one document per item. An item without a document has none anywhere."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection("stock_levels"), _STOCK)

    def get(self, item_id: str, transaction: Transaction | None = None) -> StockLevel:
        """The item's stock; one read."""
        stored = self._documents.find(item_id, transaction)
        return StockLevel(item_id, {}) if stored is None else stored.value

    def get_many(self, item_ids: Iterable[str]) -> dict[str, StockLevel]:
        """The stock of each of these items; one call."""
        listed = list(dict.fromkeys(item_ids))
        stock = self._documents.get_many(listed)
        return {item_id: stock.get(item_id, StockLevel(item_id, {})) for item_id in listed}

    def every(self) -> Iterator[StockLevel]:
        """All stock; one read an item."""
        return self._documents.every()

    def at(self, location_id: str, most: int | None = None) -> list[StockLevel]:
        """The stock of the items that are kept at a location, with 0 units too, `most` of them; one read an item."""
        level = self._documents.database.field_path("levels", map_key(location_id))
        query = self._documents.collection.where(filter=FieldFilter(level, ">=", ""))
        return self._documents.found_by(query if most is None else query.limit(most))

    def put(self, transaction: Transaction, stock: StockLevel) -> Versioned[StockLevel]:
        return self._documents.put(transaction, stock)

    def put_many(self, levels: Iterable[StockLevel]) -> int:
        """Write stock outside a transaction, in batches; returns how many documents."""
        return self._documents.put_many(levels)


def _missing(item_id: str) -> NotFound:
    return ProductNotFound(item_id)


def _encode_product(product: Product) -> dict[str, Any]:
    return {
        **vars(product),
        "unit_cost": text(product.unit_cost),
        "unit_price": text(product.unit_price),
        "planning": None if product.planning is None else _encode_planning(product.planning),
    }


def _decode_product(fields: Any) -> Product:
    planning = fields["planning"]
    typed = {
        "unit_cost": Decimal(fields["unit_cost"]),
        "unit_price": decimal(fields["unit_price"]),
        "planning": None if planning is None else _decode_planning(planning),
    }
    return Product(**{**held(fields, Product), **typed})


def _encode_planning(planning: ItemPlanning) -> dict[str, Any]:
    return {
        **vars(planning),
        "min_stock": text(planning.min_stock),
        "max_stock": text(planning.max_stock),
        "do_not_order_until": text(planning.do_not_order_until),
    }


def _decode_planning(fields: Any) -> ItemPlanning:
    typed = {
        "min_stock": decimal(fields["min_stock"]),
        "max_stock": decimal(fields["max_stock"]),
        "do_not_order_until": date(fields["do_not_order_until"]),
    }
    return ItemPlanning(**{**held(fields, ItemPlanning), **typed})


def _encode_stock(stock: StockLevel) -> dict[str, Any]:
    """Each map is by location, whose id may be any text."""
    return {
        "item_id": stock.item_id,
        "levels": by_identifier({place: str(units) for place, units in stock.levels.items()}),
        "committed": by_identifier({place: str(units) for place, units in stock.committed.items()}),
        "updated_at": by_identifier({place: text(time) for place, time in stock.updated_at.items()}),
        "total": str(stock.total),
    }


def _decode_stock(fields: Any) -> StockLevel:
    levels, committed, times = (from_identifiers(fields[name]) for name in ("levels", "committed", "updated_at"))
    return StockLevel(
        fields["item_id"],
        {place: Decimal(units) for place, units in levels.items()},
        {place: Decimal(units) for place, units in committed.items()},
        {place: dt.datetime.fromisoformat(time) for place, time in times.items()},
    )


_PRODUCT = Codec[Product](lambda product: product.item_id, _encode_product, _decode_product)
_STOCK = Codec[StockLevel](lambda stock: stock.item_id, _encode_stock, _decode_stock)
