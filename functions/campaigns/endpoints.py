"""HTTP surface of campaigns."""

from __future__ import annotations

import datetime as dt

from functions.campaigns import service
from functions.campaigns.schemas import (
    CampaignBody,
    CampaignPage,
    CampaignPath,
    CampaignProducts,
    CampaignProductsBody,
    CampaignProductsPage,
    CampaignProductsQuery,
    CampaignQuery,
    CampaignView,
    NewCampaign,
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
    TooManyProducts,
)
from shared.domain.errors import InvalidLines
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.versions import StaleVersion
from shared.http.access import allow, errors, idempotent, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.paging import ItemsByToken, numbered, views_by_token
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("campaigns", "Campaigns", prefixes=("campaigns",))


@app.get("/campaigns", summary="List campaigns", responses={200: CampaignPage})
@allow(EVERY_ROLE)
def list_campaigns(context: RequestContext, query: CampaignQuery) -> ItemsByToken[CampaignView]:
    """Ordered by start date, latest first. With a status: planned campaigns by start date, running ones by end date,
    ended ones by end date, latest first.
    """
    page = service.campaigns(context, query.request(), query.status)
    return views_by_token(query, page, lambda campaign: _view(campaign, context.today))


@app.post("/campaigns", summary="Plan a campaign", responses={201: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@idempotent
@errors(
    *CATALOG_ERRORS,
    fields=(
        ProductNotFound,
        EndBeforeStart,
        TooManyProducts,
        InvalidLines,
    ),
)
@versioned
def create_campaign(context: RequestContext, body: NewCampaign) -> Reply:
    """It may already have begun. All lists show it with its products from the next request on."""
    campaign = service.create(context, body)
    headers = {"Location": f"/api/v1/campaigns/{campaign.value.campaign_id}"} | etag(campaign.version)
    return Reply(_view(campaign.value, context.today), 201, headers)


@app.get("/campaigns/<item_id:campaign_id>", summary="Get a campaign", responses={200: CampaignView})
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
@versioned
def get_campaign(context: RequestContext, path: CampaignPath) -> Reply:
    """Return the campaign with its ETag."""
    campaign = service.campaign(context, path.campaign_id)
    return Reply(_view(campaign.value, context.today), headers=etag(campaign.version))


@app.put("/campaigns/<item_id:campaign_id>", summary="Replace a campaign's fields", responses={200: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@errors(CampaignNotFound, StaleVersion, *CATALOG_ERRORS, fields=(EndBeforeStart,))
@versioned
def put_campaign(context: RequestContext, path: CampaignPath, body: CampaignBody) -> Reply:
    """Its products stay. An end_date in the past ends it early. Honours If-Match."""
    campaign = service.replace_fields(context, path.campaign_id, body)
    return Reply(_view(campaign.value, context.today), headers=etag(campaign.version))


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
@errors(CampaignNotFound, *CATALOG_ERRORS, fields=(UnknownSort,))
@versioned
def list_campaign_products(context: RequestContext, path: CampaignPath, query: CampaignProductsQuery) -> Reply:
    """Return their rows as in the product list. A product that is not in the catalog has no row."""
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
    fields=(
        ProductNotFound,
        TooManyProducts,
        InvalidLines,
    ),
)
@versioned
def put_campaign_products(context: RequestContext, path: CampaignPath, body: CampaignProductsBody) -> Reply:
    """Afterwards the campaign has exactly these products. Honours If-Match with the ETag of the campaign."""
    campaign = service.replace_products(context, path.campaign_id, body.item_ids)
    products = CampaignProducts(campaign_id=path.campaign_id, item_ids=list(campaign.value.item_ids))
    return Reply(products, headers=etag(campaign.version))


@app.get(
    "/campaigns/<item_id:campaign_id>/performance",
    summary="Measure a campaign's performance",
    responses={200: Performance},
)
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
def get_campaign_performance(context: RequestContext, path: CampaignPath) -> Performance:
    """Compare units and revenue of its products before, during and after the campaign with what was expected without
    it.

    The expectation is the last forecast published for a day up to the start. For products that this forecast does not
    cover it is the mean of the same weekdays of the 8 weeks before.
    """
    return service.campaign_performance(context, path.campaign_id)


def _view(campaign: Campaign, today: dt.date) -> CampaignView:
    return CampaignView(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        description=campaign.description,
        status=campaign.status(today),
        start_date=campaign.start_date,
        end_date=campaign.end_date,
        discount_percent=campaign.discount_percent,
        budget=campaign.budget,
        product_count=len(campaign.item_ids),
        created_by=campaign.created_by,
        created_at=campaign.created_at,
    )
