"""The catalog's small tables beside the rows, from the last snapshot or from their documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl

from shared.catalog.campaign_records import campaign_record, not_ended
from shared.catalog.live import Catalog
from shared.catalog.schema import SIDE_TABLES
from shared.catalog.supplier_records import suppliers_from_documents
from shared.firestore.campaigns import Campaigns
from shared.firestore.dismissals import Dismissals
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant


def side_tables(tenant: Tenant, catalog: Catalog | None, as_of: dt.date) -> dict[str, pl.DataFrame]:
    """Each table by name, sorted by its key, without what is over: campaigns that ended, dismissals that ran out."""
    tables = (
        {table: _from_documents(tenant, table) for table in SIDE_TABLES}
        if catalog is None
        else {"suppliers": catalog.suppliers, "campaigns": catalog.campaigns, "dismissals": catalog.dismissals}
    )
    tables["campaigns"] = not_ended(tables["campaigns"], as_of)
    tables["dismissals"] = tables["dismissals"].filter(pl.col("until").is_null() | (pl.col("until") >= as_of))
    return {table: frame.sort(frame.columns[0]) for table, frame in tables.items()}


def _from_documents(tenant: Tenant, table: str) -> pl.DataFrame:
    schema = SIDE_TABLES[table]
    if table == "suppliers":
        return suppliers_from_documents(tenant)
    repository: Documents[Any] = _REPOSITORIES[table](tenant)
    if table == "campaigns":
        return pl.DataFrame([campaign_record(campaign) for campaign in repository.every()], schema=schema)
    records = [{name: getattr(value, name) for name in schema.names()} for value in repository.every()]
    return pl.DataFrame(records, schema=schema)


_REPOSITORIES: dict[str, Callable[[Tenant], Documents[Any]]] = {
    "campaigns": Campaigns,
    "dismissals": Dismissals,
}
