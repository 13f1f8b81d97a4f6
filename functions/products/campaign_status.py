"""Which campaign each product is in: the catalog's rows beside the campaigns that run or are planned."""

from __future__ import annotations

from typing import Any

import polars as pl

from shared.catalog.indexed import SortKey
from shared.catalog.listing import ProductFilter, product_rows
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.domain.campaigns.campaign import CampaignStatus, status_on
from shared.firestore.tenant import Tenant

_CAMPAIGN = ("campaign_id", "name", "status", "start_date", "end_date")
_SCHEMA = pl.Schema(
    {
        "item_id": pl.String(),
        "campaign_id": pl.String(),
        "name": pl.String(),
        "status": pl.String(),
        "start_date": pl.Date(),
        "end_date": pl.Date(),
    }
)


def list_campaign_status(
    tenant: Tenant, wanted: ProductFilter, sort: tuple[SortKey, ...], offset: int, size: int
) -> tuple[int, list[dict[str, Any]], dict[str, int]]:
    """How many products there are under the filter, the rows of one page, and the products by status of their campaign.

    A product's campaign is the running one, of several that which started first, else the next planned one.
    """
    catalog = current_catalog(tenant)
    rows = product_rows(catalog, wanted, sort)
    of_item = _campaign_of_item(catalog)
    found = rows.select("item_id").join(of_item, on="item_id", how="left", maintain_order="left")
    counted = dict(found["status"].value_counts().iter_rows())
    page = rows[offset : offset + size].rows(named=True)
    campaigns = found[offset : offset + size].rows(named=True)
    return (
        rows.height,
        [row | _shown(campaign) for row, campaign in zip(page, campaigns, strict=True)],
        {
            "running": counted.get(CampaignStatus.RUNNING.value, 0),
            "planned": counted.get(CampaignStatus.PLANNED.value, 0),
            "none": counted.get(None, 0),
        },
    )


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "campaign": {name: found[name] for name in _CAMPAIGN} if found["campaign_id"] is not None else None,
        "running_campaigns": found["running_campaigns"] or 0,
        "planned_campaigns": found["planned_campaigns"] or 0,
    }


def _campaign_of_item(catalog: Catalog) -> pl.DataFrame:
    """Each product's campaign, and how many of them run and are planned. Made once per state of the catalog."""
    return _CAMPAIGNS.of(catalog, None)


def _first_campaigns(catalog: Catalog, _: None) -> pl.DataFrame:
    as_of = catalog.pointer.as_of
    entries = [
        {"item_id": item, "status": status_on(one["start_date"], one["end_date"], as_of).value}
        | {name: one[name] for name in ("campaign_id", "name", "start_date", "end_date")}
        for one in catalog.campaigns.iter_rows(named=True)
        for item in one["item_ids"]
    ]
    running, planned = CampaignStatus.RUNNING.value, CampaignStatus.PLANNED.value
    status = pl.col("status")
    return (
        pl.DataFrame(entries, schema=_SCHEMA)
        .filter(status.is_in([running, planned]))
        .sort(status != running, "start_date", "campaign_id")
        .group_by("item_id", maintain_order=True)
        .agg(
            pl.col(*_CAMPAIGN).first(),
            running_campaigns=(status == running).sum(),
            planned_campaigns=(status == planned).sum(),
        )
    )


_CAMPAIGNS = PerCatalog[None, pl.DataFrame](_first_campaigns)
