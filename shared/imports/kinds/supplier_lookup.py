"""Which suppliers the rows of an import mean, and whose the numbers and names are that they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.domain.imports.supplier_import import with_repeats
from shared.domain.purchasing.supplier import Supplier, name_key, number_key, unique_keys
from shared.domain.unique_name import unique_name
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant

_LOOKED_UP = 1000  # beyond this many, reading all of them is quicker than asking for each
NAMING = ("supplier_id", "external_id", "name")


@dataclass(frozen=True)
class StoredSuppliers:
    """Suppliers by id, and whose each name and number (supplier.unique_keys) is."""

    by_id: Mapping[str, Supplier]
    holders: Mapping[str, str]


def stored_suppliers(tenant: Tenant, rows: pl.DataFrame) -> StoredSuppliers:
    """The suppliers that the rows name in any way, and who has the names and numbers that they give; everybody when
    the rows name many."""
    suppliers = Suppliers(tenant)
    texts = {name: rows[name].drop_nulls().unique() for name in NAMING if name in rows.columns}
    if max(map(len, texts.values())) > _LOOKED_UP:
        return every_supplier(tenant)
    named = suppliers.get_many(texts["supplier_id"])
    own = _holders(named.values())
    keys = {number_key(text) for text in texts["external_id"]} | {name_key(text) for text in texts.get("name", ())}
    holders = own | suppliers.holders(sorted(keys - own.keys()))
    return StoredSuppliers(named | suppliers.get_many(sorted(set(holders.values()) - named.keys())), holders)


def every_supplier(tenant: Tenant) -> StoredSuppliers:
    """All of the client's suppliers; a read each."""
    everybody = {supplier.supplier_id: supplier for supplier in Suppliers(tenant).every()}
    return StoredSuppliers(everybody, _holders(everybody.values()))


def with_holders(rows: pl.DataFrame, stored: StoredSuppliers) -> pl.DataFrame:
    """The rows, each with who has its number and its name, and with its repeats."""
    holder_of = stored.holders.get
    columns = {
        "unique_name": [name and unique_name(name) for name in rows["name"]],
        "name_holder": [name and holder_of(name_key(name)) for name in rows["name"]],
        "number_holder": [number and holder_of(number_key(number)) for number in rows["external_id"]],
    }
    return with_repeats(rows.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in columns.items()))


def naming_keys(number: str | None, name: str | None) -> list[str]:
    """What a row without an id names its supplier by, the number first."""
    return [*([number_key(number)] if number else ()), *([name_key(name)] if name else ())]


def named_supplier(stored: StoredSuppliers, number: str | None, keys: Sequence[str]) -> str | None:
    """The stored supplier with this number, else the one of this name if no other number is known of it."""
    holders = [holder for key in keys if (holder := stored.holders.get(key)) is not None]
    first = next(iter(holders), None)
    return first if first is None or number is None or stored.by_id[first].external_id in (None, number) else None


def _holders(suppliers: Iterable[Supplier]) -> dict[str, str]:
    return {key: supplier.supplier_id for supplier in suppliers for key in unique_keys(supplier)}
