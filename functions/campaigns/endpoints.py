"""HTTP surface of campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from functions.campaigns import service
from functions.campaigns.schemas import (
    CampaignBody,
    CampaignPage,
    CampaignPath,
    CampaignProduct,
    CampaignProducts,
    CampaignProductsBody,
    CampaignProductsPage,
    CampaignProductsQuery,
    CampaignQuery,
    CampaignRow,
    CampaignView,
    Performance,
)
from shared.catalog.listing import UnknownSort, parse_sort
from shared.catalog.schema import CATALOG_ERRORS
from shared.domain.access.principal import CAMPAIGN_PLANNERS, EVERY_ROLE
from shared.domain.campaigns.campaign import (
    Campaign,
    CampaignNotFound,
    CampaignRunning,
    EndBeforeStart,
    ProductNamedTwice,
    TooManyProducts,
)
from shared.domain.campaigns.campaign_list import SORTABLE, CampaignFilter, ListedCampaign
from shared.domain.errors import InvalidLines
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.versions import StaleVersion
from shared.firestore.versioned import Versioned
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.from_catalog import reads_catalog
from shared.http.paging import NumberedItems, numbered, sliced
from shared.http.reply import Reply
from shared.request_context import RequestContext

_FIELD_ERRORS = (EndBeforeStart, ProductNamedTwice, ProductNotFound, TooManyProducts, InvalidLines)

app = Api("campaigns", "Campaigns", prefixes=("campaigns",))


@app.get("/campaigns", summary="List campaigns", responses={200: CampaignPage})
@allow(EVERY_ROLE)
@reads_catalog
@errors(fields=(UnknownSort,))
def list_campaigns(context: RequestContext, query: CampaignQuery) -> NumberedItems[CampaignRow]:
    """Ordered by start date, the latest first, where no `sort` is given."""
    wanted = CampaignFilter(
        search=query.search,
        statuses=tuple(query.status or ()),
        campaign_types=tuple(query.campaign_type or ()),
        from_date=query.from_date,
        to_date=query.to_date,
        min_budget=query.min_budget,
        max_budget=query.max_budget,
    )
    listed = service.campaigns(context, wanted, parse_sort(query.sort, query.order, SORTABLE))
    page = sliced(query, listed)
    return numbered(query, page.total, [_row(campaign, context.today) for campaign in page.items])


@app.post("/campaigns", summary="Plan a campaign", responses={201: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@idempotent
@errors(*CATALOG_ERRORS, fields=_FIELD_ERRORS)
@versioned
def create_campaign(context: RequestContext, body: CampaignBody) -> Reply:
    """It may already have begun. All lists show it with its products from the next request on."""
    created = service.create(context, body)
    headers = {"Location": f"/api/v1/campaigns/{created.value.campaign_id}"} | etag(created.version)
    return Reply(_view(created, context.today), 201, headers)


@app.get("/campaigns/<item_id:campaign_id>", summary="Get a campaign", responses={200: CampaignView})
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
@versioned
def get_campaign(context: RequestContext, path: CampaignPath) -> Reply:
    """Return the campaign with its products and its ETag."""
    stored = service.campaign(context, path.campaign_id)
    return Reply(_view(stored, context.today), headers=etag(stored.version))


@app.put("/campaigns/<item_id:campaign_id>", summary="Replace a campaign's fields", responses={200: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@errors(CampaignNotFound, StaleVersion, *CATALOG_ERRORS, fields=_FIELD_ERRORS)
@versioned
def put_campaign(context: RequestContext, path: CampaignPath, body: CampaignBody) -> Reply:
    """Products that are not given stay. An end_date in the past, or the status `ended`, ends it early. Honours
    If-Match.
    """
    changed = service.replace_fields(context, path.campaign_id, body)
    return Reply(_view(changed, context.today), headers=etag(changed.version))


@app.delete("/campaigns/<item_id:campaign_id>", summary="Delete a campaign", responses={204: None})
@allow(CAMPAIGN_PLANNERS)
@errors(CampaignNotFound, CampaignRunning, StaleVersion, *CATALOG_ERRORS)
def delete_campaign(context: RequestContext, path: CampaignPath) -> None:
    """A running campaign cannot be deleted. Honours If-Match."""
    service.delete(context, path.campaign_id)


@app.get(
    "/campaigns/<item_id:campaign_id>/products",
    summary="List a campaign's products",
    responses={200: CampaignProductsPage},
)
@allow(EVERY_ROLE)
@reads_catalog
@errors(CampaignNotFound, *CATALOG_ERRORS, fields=(UnknownSort,))
@versioned
def list_campaign_products(context: RequestContext, path: CampaignPath, query: CampaignProductsQuery) -> Reply:
    """Return their rows as in the product list, each with its discount and its audience. A product that is not in the
    catalog has no row.
    """
    sort = parse_sort(query.sort, query.order)
    page = service.products(context, path.campaign_id, sort, query.offset, query.page_size)
    return Reply(numbered(query, page.total, page.rows), headers=etag(page.version))


@app.put(
    "/campaigns/<item_id:campaign_id>/products",
    summary="Replace a campaign's products",
    responses={200: CampaignProducts},
)
@allow(CAMPAIGN_PLANNERS)
@errors(
    CampaignNotFound,
    StaleVersion,
    *CATALOG_ERRORS,
    fields=(ProductNamedTwice, ProductNotFound, TooManyProducts, InvalidLines),
)
@versioned
def put_campaign_products(context: RequestContext, path: CampaignPath, body: CampaignProductsBody) -> Reply:
    """Afterwards the campaign has exactly these products. Honours If-Match with the ETag of the campaign."""
    changed = service.replace_products(context, path.campaign_id, body.products)
    products = CampaignProducts(campaign_id=path.campaign_id, products=_products(changed.value))
    return Reply(products, headers=etag(changed.version))


@app.get(
    "/campaigns/<item_id:campaign_id>/performance",
    summary="Measure a campaign's performance",
    responses={200: Performance},
)
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
def get_campaign_performance(context: RequestContext, path: CampaignPath) -> Performance:
    """Compare units and revenue before, during and after the campaign with what was expected without it, and say what
    the difference is worth.

    The expectation is the last forecast published for a day up to the start. For products that this forecast does not
    cover it is the mean of the same weekdays of the 8 weeks before. A product that has neither is in no figure.
    """
    return service.campaign_performance(context, path.campaign_id)


def _view(stored: Versioned[Campaign], today: dt.date) -> CampaignView:
    campaign = stored.value
    return CampaignView(
        **_fields(campaign, today),
        product_count=len(campaign.products),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        products=_products(campaign),
    )


def _row(listed: ListedCampaign, today: dt.date) -> CampaignRow:
    return CampaignRow(
        **_fields(listed.campaign, today),
        product_count=listed.product_count,
        created_at=listed.created_at,
        updated_at=listed.updated_at,
    )


def _fields(campaign: Campaign, today: dt.date) -> dict[str, Any]:
    """What every view of a campaign shows."""
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "campaign_type": campaign.campaign_type,
        "status": campaign.status(today),
        "status_basis": "given" if campaign.holds_given_status(today) else "dates",
        "description": campaign.description,
        "start_date": campaign.start_date,
        "end_date": campaign.end_date,
        "budget": campaign.budget,
        "created_by": campaign.created_by,
    }


def _products(campaign: Campaign) -> list[CampaignProduct]:
    return [CampaignProduct.model_validate(product) for product in campaign.products]
