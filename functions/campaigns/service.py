"""Campaigns: kept in their documents and, until they end, in the catalog, which other lists look them up in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import polars as pl

from functions.campaigns.performance import performance
from functions.campaigns.schemas import CampaignBody, NewCampaign, Performance
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.indexed import SortKey
from shared.catalog.live import current_catalog
from shared.catalog.schema import PUBLIC_COLUMNS, SIDE_TABLES, CatalogRow, public_rows
from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.errors import InvalidLines, NotFound
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.campaigns import Campaigns
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_NAMED_ITEMS = 10
_TABLE = "campaigns"


@dataclass(frozen=True)
class ProductsPage:
    """The rows of one page of a campaign's products, how many of them the catalog holds, and the campaign's version."""

    total: int
    rows: list[CatalogRow]
    version: str


def campaigns(context: RequestContext, page: PageRequest, status: CampaignStatus | None) -> Page[Campaign]:
    """A page of the campaigns."""
    return Campaigns(context.tenant).page(page, status, context.today)


def campaign(context: RequestContext, campaign_id: str) -> Versioned[Campaign]:
    """The campaign; raises CampaignNotFound."""
    return Campaigns(context.tenant).get(campaign_id)


def create(context: RequestContext, body: NewCampaign) -> Versioned[Campaign]:
    """Add the campaign, or find it, when an earlier attempt of the request added it.

    Raises Invalid for products that are not there.
    """
    tenant, today = context.tenant, context.today
    new = Campaign(
        campaign_id=context.new_id(),
        created_by=context.user_id,
        created_at=context.now,
        **body.model_dump() | {"item_ids": tuple(dict.fromkeys(body.item_ids))},
    )
    _check_items(tenant, new.item_ids)

    def write(edit: CatalogEdit) -> Versioned[Campaign]:
        try:
            return Campaigns(tenant).get(new.campaign_id, edit.transaction)
        except NotFound:
            return _put(tenant, edit, new, today)

    return edit_catalog(tenant, write)


def replace_fields(context: RequestContext, campaign_id: str, body: CampaignBody) -> Versioned[Campaign]:
    """Give the campaign these fields, if it has the version that the caller expects; its products stay."""
    return _change(context, campaign_id, lambda stored: replace(stored, **body.model_dump()))


def replace_products(context: RequestContext, campaign_id: str, item_ids: Iterable[str]) -> Versioned[Campaign]:
    """Give the campaign these products and no others, if it has the version that the caller expects.

    Raises Invalid for products that are not there.
    """
    products = tuple(dict.fromkeys(item_ids))
    _check_items(context.tenant, products)
    return _change(context, campaign_id, lambda stored: replace(stored, item_ids=products))


def delete(context: RequestContext, campaign_id: str) -> None:
    """Delete the campaign, if it has the version that the caller expects; raises Conflict while it runs."""
    tenant, today = context.tenant, context.today

    def write(edit: CatalogEdit) -> None:
        stored = Campaigns(tenant).get(campaign_id, edit.transaction)
        context.expected_version.check(stored.version)
        stored.value.check_deletable(today)
        Campaigns(tenant).delete(edit.transaction, campaign_id)
        edit.remove(_TABLE, campaign_id)

    edit_catalog(tenant, write)


def products(
    context: RequestContext, campaign_id: str, sort: tuple[SortKey, ...], offset: int, size: int
) -> ProductsPage:
    """One page of the campaign's products that are in the catalog."""
    catalog = current_catalog(context.tenant)
    stored = Campaigns(context.tenant).get(campaign_id)
    total, rows = catalog.items.page(pl.col("item_id").is_in(list(stored.value.item_ids)), sort, offset, size)
    return ProductsPage(total, public_rows(rows[list(PUBLIC_COLUMNS)]), stored.version)


def campaign_performance(context: RequestContext, campaign_id: str) -> Performance:
    """What the campaign brought; see functions/campaigns/performance.py."""
    return performance(context, Campaigns(context.tenant).get(campaign_id).value)


def _change(context: RequestContext, campaign_id: str, changed: Callable[[Campaign], Campaign]) -> Versioned[Campaign]:
    tenant, today = context.tenant, context.today

    def write(edit: CatalogEdit) -> Versioned[Campaign]:
        stored = Campaigns(tenant).get(campaign_id, edit.transaction)
        context.expected_version.check(stored.version)
        return _put(tenant, edit, changed(stored.value), today)

    return edit_catalog(tenant, write)


def _put(tenant: Tenant, edit: CatalogEdit, changed: Campaign, today: dt.date) -> Versioned[Campaign]:
    """Write the document, and the catalog's record, which there is until the campaign ends."""
    if changed.status(today) is CampaignStatus.ENDED:
        edit.remove(_TABLE, changed.campaign_id)
    else:
        record = {name: getattr(changed, name) for name in SIDE_TABLES[_TABLE].names()}
        edit.put(_TABLE, record | {"item_ids": list(changed.item_ids)})
    return Campaigns(tenant).put(edit.transaction, changed)


def _check_items(tenant: Tenant, item_ids: tuple[str, ...]) -> None:
    """Raises Invalid naming products that the catalog does not hold."""
    if not item_ids:
        return
    in_catalog = set(current_catalog(tenant).items.frame["item_id"])
    unknown = [(number, item) for number, item in enumerate(item_ids) if item not in in_catalog]
    if unknown:
        raise InvalidLines([ProductNotFound(item).at(f"/item_ids/{number}") for number, item in unknown], _NAMED_ITEMS)
