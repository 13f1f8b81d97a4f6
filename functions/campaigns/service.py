"""Campaigns: kept in their documents and, until they end, in the catalog, which other lists look them up in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from functions.campaigns.performance import performance
from functions.campaigns.schemas import CampaignBody, CampaignProductBody, Performance
from shared.catalog.campaign_records import campaign_record
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.indexed import SortKey
from shared.catalog.live import catalog_or_none, current_catalog
from shared.catalog.per_catalog import PerSideTable
from shared.catalog.schema import PUBLIC_COLUMNS, CatalogRow, public_rows
from shared.domain.campaigns.campaign import Campaign, CampaignProduct, CampaignStatus
from shared.domain.campaigns.campaign_list import CampaignFilter, ListedCampaign, narrowed, ordered
from shared.domain.errors import InvalidLines
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.campaigns import Campaigns
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_NAMED_ITEMS = 10
_TABLE = "campaigns"


@dataclass(frozen=True)
class ProductsPage:
    """The rows of one page of a campaign's products, how many of them the catalog holds, and the campaign's version."""

    total: int
    rows: list[CampaignProductFields]
    version: str


class CampaignProductFields(CatalogRow):
    """A row of the product list with what the campaign says of the product."""

    discount: Decimal | None
    target_audience: str | None


def campaigns(context: RequestContext, wanted: CampaignFilter, sort: Sequence[SortKey]) -> list[ListedCampaign]:
    """All campaigns that the filter leaves, sorted; the latest first where no order is asked for.

    Reads every campaign, without its products, once per snapshot and again after each change of a campaign.
    """
    catalog, tenant = catalog_or_none(context.tenant), context.tenant
    listed = Campaigns(tenant).summaries() if catalog is None else _LISTED.of(catalog, tenant)
    keys = [(key.column, key.descending) for key in sort] or _LATEST_FIRST
    return ordered(narrowed(listed, wanted, context.today), keys, context.today)


def campaign(context: RequestContext, campaign_id: str) -> Versioned[Campaign]:
    """The campaign and its version."""
    return Campaigns(context.tenant).get(campaign_id)


def create(context: RequestContext, body: CampaignBody) -> Versioned[Campaign]:
    """Add the campaign, or find it, when an earlier attempt of the request added it.

    Raises Invalid for products that are not there.
    """
    tenant, today = context.tenant, context.today
    new = _with_fields(
        Campaign(context.new_id(), body.name, body.start_date, body.end_date, created_by=context.user_id), body, today
    )
    _check_items(tenant, new.item_ids)

    def write(edit: CatalogEdit) -> Versioned[Campaign]:
        stored = Campaigns(tenant).find(new.campaign_id, edit.transaction)
        return _put(tenant, edit, new, today) if stored is None else stored

    return edit_catalog(tenant, write)


def replace_fields(context: RequestContext, campaign_id: str, body: CampaignBody) -> Versioned[Campaign]:
    """Give the campaign these fields, if it has the version that the caller expects; raises as `create`."""
    _check_items(context.tenant, [product.item_id for product in body.products or ()])
    return _change(context, campaign_id, lambda stored: _with_fields(stored, body, context.today))


def replace_products(
    context: RequestContext, campaign_id: str, products: Iterable[CampaignProductBody]
) -> Versioned[Campaign]:
    """Give the campaign these products and no others, if it has the version that the caller expects.

    Raises Invalid for products that are not there.
    """
    chosen = _products(products)
    _check_items(context.tenant, [product.item_id for product in chosen])
    return _change(context, campaign_id, lambda stored: replace(stored, products=chosen))


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
    held = {product.item_id: product for product in stored.value.products}
    total, rows = catalog.items.page(pl.col("item_id").is_in(list(held)), sort, offset, size)
    shown: list[CampaignProductFields] = [
        {
            **row,
            "discount": held[row["item_id"]].discount,
            "target_audience": held[row["item_id"]].target_audience,
        }
        for row in public_rows(rows[list(PUBLIC_COLUMNS)])
    ]
    return ProductsPage(total, shown, stored.version)


def campaign_performance(context: RequestContext, campaign_id: str) -> Performance:
    """What the campaign brought; see functions/campaigns/performance.py."""
    return performance(context, Campaigns(context.tenant).get(campaign_id).value)


def _with_fields(stored: Campaign, body: CampaignBody, today: dt.date) -> Campaign:
    """The campaign with the fields of the body; its products stay where the body has none."""
    changed = replace(
        stored,
        name=body.name,
        campaign_type=body.campaign_type,
        description=body.description,
        start_date=body.start_date,
        end_date=body.end_date,
        budget=body.budget,
        products=stored.products if body.products is None else _products(body.products),
    )
    return changed.with_status(body.status, today)


def _products(products: Iterable[CampaignProductBody]) -> tuple[CampaignProduct, ...]:
    return tuple(CampaignProduct(**product.model_dump()) for product in products)


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
        edit.put(_TABLE, campaign_record(changed))
    return Campaigns(tenant).put(edit.transaction, changed)


def _check_items(tenant: Tenant, item_ids: Sequence[str]) -> None:
    """Raises Invalid naming products that the catalog does not hold."""
    if not item_ids:
        return
    in_catalog = set(current_catalog(tenant).items.frame["item_id"])
    unknown = [(number, item) for number, item in enumerate(item_ids) if item not in in_catalog]
    if unknown:
        errors = [ProductNotFound(item).at(f"/products/{number}/item_id") for number, item in unknown]
        raise InvalidLines(errors, _NAMED_ITEMS)


_LATEST_FIRST = [("start_date", True)]
_LISTED = PerSideTable[list[ListedCampaign]](_TABLE, lambda tenant: Campaigns(tenant).summaries())
