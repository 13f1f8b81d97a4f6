"""What a client's databases hold, as it is compared after a restore, and whether it balances."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.bigquery.tables import TABLES
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.firestore.client_data import collections_of, counts_of, exported_documents
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant


@dataclass(frozen=True)
class Books:
    """Counts and digests of everything, and the sums that have to agree."""

    counts: Mapping[str, int]  # documents by collection
    digests: Mapping[str, str]  # of all documents of a collection
    rows: Mapping[str, int]  # by table
    opening: Decimal = Decimal(0)  # of every item
    stock: Mapping[str, Decimal] = field(default_factory=dict)  # by item
    received: Mapping[str, Decimal] = field(default_factory=dict)  # by item, as its orders' lines say
    receipts: Mapping[str, Decimal] = field(default_factory=dict)  # by item, as the receipts say
    numbers: tuple[str, ...] = ()  # of orders
    last_number: int = 0  # as the counter says

    @property
    def documents(self) -> int:
        return sum(self.counts.values())

    def differences(self, other: Books) -> list[str]:
        """What the other lacks, or has beyond these."""
        return [
            f"{name} {key}: {mine.get(key)} before, {theirs.get(key)} after"
            for name, mine, theirs in (
                ("documents of", self.counts, other.counts),
                ("content of", self.digests, other.digests),
                ("rows of", self.rows, other.rows),
            )
            for key in sorted({*mine, *theirs})
            if mine.get(key) != theirs.get(key)
        ]


def faults(books: Books) -> list[str]:
    """What does not balance: stock and movements, orders and receipts, numbers and their counter."""
    return [
        *_unequal("stock", books.stock, {item: books.opening + books.receipts.get(item, 0) for item in books.stock}),
        *_unequal("received", books.received, books.receipts),
        *([] if len(set(books.numbers)) == len(books.numbers) else ["order numbers are given twice"]),
        *(
            []
            if books.last_number == len(books.numbers)
            else [f"the counter is at {books.last_number}, and there are {len(books.numbers)} orders"]
        ),
    ]


def books_of(config: Config, client_id: str, opening: Decimal) -> Books:
    """The books of a client in which every item began with `opening` in stock."""
    tenant, warehouse = Tenant(database(config), client_id), Warehouse(config, client_id)
    documents = {name: list(exported_documents(tenant, name)) for name in collections_of(tenant)}
    received: defaultdict[str, Decimal] = defaultdict(Decimal)
    receipts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in documents["purchase_orders"]:
        for line in order["items"]:
            received[line["item_id"]] += Decimal(line["received"])
    for receipt in documents["receipts"]:
        for line in receipt["lines"]:
            receipts[line["item_id"]] += Decimal(line["quantity"])
    return Books(
        counts=counts_of(tenant),
        digests={name: _digest(found) for name, found in documents.items()},
        rows={table.name: warehouse.stored_count(table) for table in TABLES},
        opening=opening,
        stock={level["item_id"]: Decimal(level["total"]) for level in documents["stock_levels"]},
        received={item: units for item, units in received.items() if units},
        receipts=dict(receipts),
        numbers=tuple(sorted(order["po_number"] for order in documents["purchase_orders"])),
        last_number=max((int(counter["last"]) for counter in documents["counters"]), default=0),
    )


def _digest(documents: list[dict[str, object]]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr(sorted(document.items())).encode())
    return digest.hexdigest()[:16]


def _unequal(name: str, mine: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> Iterator[str]:
    for item in sorted({*mine, *theirs}):
        if mine.get(item) != theirs.get(item):
            yield f"{name} of {item!r} is {mine.get(item)}, and should be {theirs.get(item)}"
