"""Which campaign each product is in: the catalog's rows beside the campaigns that run or are planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, cast

import polars as pl

from functions.products.schemas import CampaignCounts
from shared.catalog.campaign_records import status_of_record
from shared.catalog.indexed import SortKey
from shared.catalog.listing import ProductFilter, product_rows
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import CatalogRow, public_rows
from shared.domain.campaigns.campaign import CampaignStatus
from shared.request_context import RequestContext

_CAMPAIGN = ("campaign_id", "name", "campaign_type", "status", "start_date", "end_date")
_SCHEMA = pl.Schema(
    {
        "item_id": pl.String(),
        "campaign_id": pl.String(),
        "name": pl.String(),
        "campaign_type": pl.String(),
        "status": pl.String(),
        "start_date": pl.Date(),
        "end_date": pl.Date(),
    }
)


class CampaignFields(TypedDict):
    """A campaign as it is shown with a product. `status` is a CampaignStatus."""

    campaign_id: str
    name: str
    campaign_type: str | None
    status: str
    start_date: dt.date
    end_date: dt.date


class ProductWithCampaign(CatalogRow):
    """A row of the product list with its campaign, and how many run and are planned."""

    campaign: CampaignFields | None
    running_campaigns: int
    planned_campaigns: int


@dataclass(frozen=True)
class CampaignStatusRows:
    """One page of the products under a filter, and how many there are of each status of their campaign."""

    total: int
    rows: list[ProductWithCampaign]
    counts: CampaignCounts


def list_campaign_status(
    context: RequestContext, selection: ProductFilter, sort: tuple[SortKey, ...], offset: int, size: int
) -> CampaignStatusRows:
    """The products under the filter, each with its campaign.

    A product's campaign is the running one, of several that which started first, else the next planned one.
    """
    catalog = current_catalog(context.tenant)
    products = product_rows(catalog, selection, sort)
    campaigns = products.select("item_id").join(
        _campaign_of_item(catalog), on="item_id", how="left", maintain_order="left"
    )
    products_by_status = dict(campaigns["status"].value_counts().iter_rows())
    page = slice(offset, offset + size)
    return CampaignStatusRows(
        products.height,
        [
            _with_campaign(product, campaign)
            for product, campaign in zip(
                public_rows(products[page]), campaigns[page].iter_rows(named=True), strict=True
            )
        ],
        CampaignCounts(
            running=products_by_status.get(CampaignStatus.RUNNING.value, 0),
            planned=products_by_status.get(CampaignStatus.PLANNED.value, 0),
            none=products_by_status.get(None, 0),
        ),
    )


def _with_campaign(product: CatalogRow, campaign: Mapping[str, Any]) -> ProductWithCampaign:
    shown = None if campaign["campaign_id"] is None else {name: campaign[name] for name in _CAMPAIGN}
    return {
        **product,
        "campaign": cast(CampaignFields | None, shown),
        "running_campaigns": campaign["running_campaigns"] or 0,
        "planned_campaigns": campaign["planned_campaigns"] or 0,
    }


def _campaign_of_item(catalog: Catalog) -> pl.DataFrame:
    """Each product's campaign, and how many of them run and are planned. Made once per state of the catalog."""
    return _CAMPAIGNS.of(catalog, None)


def _first_campaigns(catalog: Catalog, _: None) -> pl.DataFrame:
    as_of = catalog.pointer.as_of
    entries = [
        {"item_id": item_id, "status": status_of_record(campaign, as_of).value}
        | {name: campaign[name] for name in _CAMPAIGN if name != "status"}
        for campaign in catalog.campaigns.iter_rows(named=True)
        for item_id in campaign["item_ids"]
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
