"""HTTP surface of campaigns."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Response

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
from shared.config import config
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
from shared.http.access import allow, errors, now, principal, request_context, tenant
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.paging import by_token, numbered

app = Api("campaigns", "Campaigns", prefixes=("campaigns",))


@app.get("/campaigns", summary="List campaigns", responses={200: CampaignPage})
@allow(EVERY_ROLE)
def list_campaigns(query: CampaignQuery) -> dict[str, Any]:
    """Ordered by start date, latest first. With a status: planned campaigns by start date, running ones by end date,
    ended ones by end date, latest first.
    """
    day = service.today(tenant(), now())
    found, following = service.page(tenant(), query.page_size, query.position(), query.status, day)
    return vars(by_token(query, [_view(one, day) for one in found], following))


@app.post("/campaigns", summary="Plan a campaign", responses={201: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@errors(
    *CATALOG_ERRORS,
    *IDEMPOTENCY_ERRORS,
    fields=(
        ProductNotFound,
        EndBeforeStart,
        TooManyProducts,
        InvalidLines,
    ),
)
def create_campaign(body: NewCampaign) -> Response:
    """It may already have begun. All lists show it with its products from the next request on."""
    owner, user_id, moment = tenant(), principal().user_id, now()
    fields = body.model_dump() | {"item_ids": tuple(dict.fromkeys(body.item_ids))}

    def act() -> Any:
        campaign_id = request_context().request_id or uuid.uuid4().hex
        day = service.today(owner, moment)
        wanted = Campaign(campaign_id=campaign_id, created_by=user_id, created_at=moment, **fields)
        made, version = service.create(owner, wanted, day)
        return _view(made, day), 201, {"Location": f"/api/v1/campaigns/{campaign_id}"} | etag(version)

    return once(request_context(), body.model_dump_json(), act)


@app.get("/campaigns/<item_id:campaign_id>", summary="Get a campaign", responses={200: CampaignView})
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
def get_campaign(path: CampaignPath) -> Any:
    """Return the campaign with its ETag."""
    found, version = service.campaign(tenant(), path.campaign_id)
    return _view(found, service.today(tenant(), now())), 200, etag(version)


@app.put("/campaigns/<item_id:campaign_id>", summary="Replace a campaign's fields", responses={200: CampaignView})
@allow(CAMPAIGN_PLANNERS)
@errors(CampaignNotFound, StaleVersion, *CATALOG_ERRORS, fields=(EndBeforeStart,))
def put_campaign(path: CampaignPath, body: CampaignBody) -> Any:
    """Its products stay. An end_date in the past ends it early. Honours If-Match."""
    day = service.today(tenant(), now())
    changed, version = service.replace_fields(tenant(), path.campaign_id, body.model_dump(), day)
    return _view(changed, day), 200, etag(version)


@app.delete("/campaigns/<item_id:campaign_id>", summary="Delete a campaign", responses={204: None})
@allow(CAMPAIGN_PLANNERS)
@errors(CampaignNotFound, CampaignRunning, StaleVersion, *CATALOG_ERRORS)
def delete_campaign(path: CampaignPath) -> None:
    """A running campaign cannot be deleted. Honours If-Match."""
    service.delete(tenant(), path.campaign_id, service.today(tenant(), now()))


@app.get(
    "/campaigns/<item_id:campaign_id>/products",
    summary="List a campaign's products",
    responses={200: CampaignProductsPage},
)
@allow(EVERY_ROLE)
@errors(CampaignNotFound, *CATALOG_ERRORS, fields=(UnknownSort,))
def list_campaign_products(path: CampaignPath, query: CampaignProductsQuery) -> Any:
    """Return their rows as in the product list. A product that is not in the catalog has no row."""
    sort = parse_sort(query.sort, query.order)
    total, rows, version = service.products(tenant(), path.campaign_id, sort, query.offset, query.page_size)
    return vars(numbered(query, total, rows)), 200, etag(version)


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
def put_campaign_products(path: CampaignPath, body: CampaignProductsBody) -> Any:
    """Afterwards the campaign has exactly these products. Honours If-Match with the ETag of the campaign."""
    day = service.today(tenant(), now())
    changed, version = service.replace_products(tenant(), path.campaign_id, body.item_ids, day)
    return {"campaign_id": changed.campaign_id, "item_ids": list(changed.item_ids)}, 200, etag(version)


@app.get(
    "/campaigns/<item_id:campaign_id>/performance",
    summary="Measure a campaign's performance",
    responses={200: Performance},
)
@allow(EVERY_ROLE)
@errors(CampaignNotFound)
def get_performance(path: CampaignPath) -> dict[str, Any]:
    """Compare units and revenue of its products before, during and after the campaign with what was expected without
    it.

    The expectation is the last forecast published for a day up to the start. For products that this forecast does not
    cover it is the mean of the same weekdays of the 8 weeks before.
    """
    return service.campaign_performance(config(), tenant(), path.campaign_id, service.today(tenant(), now()))


def _view(campaign: Campaign, day: dt.date) -> dict[str, Any]:
    fields = {name: value for name, value in vars(campaign).items() if name in CampaignView.model_fields}
    return fields | {"status": campaign.status(day), "product_count": len(campaign.item_ids)}
