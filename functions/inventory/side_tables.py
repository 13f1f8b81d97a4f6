"""The catalog's small tables beside the rows, from the last snapshot or from their documents."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl

from shared.catalog.live import Catalog
from shared.catalog.schema import SIDE_TABLES
from shared.firestore.bulk import every_document
from shared.firestore.tenant import Tenant


def side_tables(tenant: Tenant, catalog: Catalog | None, as_of: dt.date) -> dict[str, pl.DataFrame]:
    """Each table by name, sorted by its key, without what is over: campaigns that ended, dismissals that ran out."""
    tables = (
        {table: _from_documents(tenant, table) for table in SIDE_TABLES}
        if catalog is None
        else {"suppliers": catalog.suppliers, "campaigns": catalog.campaigns, "dismissals": catalog.dismissals}
    )
    tables["campaigns"] = tables["campaigns"].filter(pl.col("end_date") >= as_of)
    tables["dismissals"] = tables["dismissals"].filter(pl.col("until").is_null() | (pl.col("until") >= as_of))
    return {table: frame.sort(frame.columns[0]) for table, frame in tables.items()}


def _from_documents(tenant: Tenant, table: str) -> pl.DataFrame:
    schema = SIDE_TABLES[table]
    records = [
        {name: _typed(fields.get(name), kind) for name, kind in schema.items()}
        for fields in every_document(tenant.collection(table))
    ]
    return pl.DataFrame(records, schema=schema)


def _typed(value: Any, kind: pl.DataType) -> Any:
    """Documents hold decimals, dates and times as text."""
    if isinstance(value, str) and isinstance(kind, pl.Datetime):
        return dt.datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, pl.Date):
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, pl.Decimal):
        return Decimal(value)
    return value
