"""Suppliers as records of the catalog's side table, which holds all that their list shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from shared.catalog.schema import SIDE_TABLES
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned


def supplier_record(supplier: Supplier, before: Versioned[Supplier] | None) -> dict[str, Any]:
    """The record of a supplier that an edit writes; `before` is what it has read of it.

    The time of the change, and of a new supplier's first, is the edit's own, which nobody knows before the commit.
    """
    return vars(supplier) | {"created_at": None if before is None else before.created_at, "updated_at": None}


def suppliers_from_documents(tenant: Tenant) -> pl.DataFrame:
    """The side table as the documents have it; one read each."""
    records = [vars(supplier.value) | supplier.moments() for supplier in Suppliers(tenant).every_version()]
    return pl.DataFrame(records, schema=SIDE_TABLES["suppliers"])


def timed(edited: pl.DataFrame, committed_at: dt.datetime) -> pl.DataFrame:
    """Records of an edit with the times that its commit gave them."""
    time = pl.lit(committed_at, dtype=SIDE_TABLES["suppliers"]["updated_at"])
    return edited.with_columns(created_at=pl.coalesce("created_at", time), updated_at=time)
