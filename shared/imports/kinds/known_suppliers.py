"""The suppliers that a file names, as far as there are such."""

from __future__ import annotations

import polars as pl

from shared.domain.purchasing.supplier import Supplier
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant

_LOOKED_UP = 1000  # beyond this many, reading all of them is quicker than asking for each


def known_suppliers(tenant: Tenant, named: pl.Series) -> dict[str, Supplier]:
    """The suppliers among those named that exist, by their id; with many names, all that there are."""
    supplier_ids = named.drop_nulls().unique().to_list()
    if len(supplier_ids) <= _LOOKED_UP:
        return Suppliers(tenant).get_many(supplier_ids)
    return {one.supplier_id: one for one in Suppliers(tenant).every()}
