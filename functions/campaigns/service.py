"""Campaigns: kept in their documents and, until they end, in the catalog, which other lists look them up in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import polars as pl

from functions.campaigns.performance import performance
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.indexed import SortKey
from shared.catalog.live import current_catalog
from shared.catalog.schema import PUBLIC_COLUMNS, SIDE_TABLES
from shared.config import Config
from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.errors import InvalidLines, NotFound
from shared.domain.purchasing.product import ProductNotFound
from shared.firestore.campaigns import Campaigns
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match

_NAMED_ITEMS = 10
_TABLE = "campaigns"


def today(tenant: Tenant, now: dt.datetime) -> dt.date:
    """The client's day; one read."""
    return Clients(tenant.database).get(tenant.client_id).today(now)


def page(
    tenant: Tenant, size: int, position: str | None, status: CampaignStatus | None, day: dt.date
) -> tuple[list[Campaign], str | None]:
    """Campaigns of one page, and where the next one starts."""
    return Campaigns(tenant).page(size, position, status, day)


def campaign(tenant: Tenant, campaign_id: str) -> tuple[Campaign, str]:
    """The campaign and its version."""
    return Campaigns(tenant).get(campaign_id)


def create(tenant: Tenant, new: Campaign, day: dt.date) -> tuple[Campaign, str]:
    """Add the campaign, or find it, when this is its request again; raises Invalid for products that are not there."""
    _check_known(tenant, new.item_ids)

    def write(edit: CatalogEdit) -> Versioned[Campaign]:
        try:
            return Versioned(*Campaigns(tenant).get(new.campaign_id, edit.transaction))
        except NotFound:
            return _put(tenant, edit, new, day)

    created = edit_catalog(tenant, write)
    return created.value, created.version


def replace_fields(tenant: Tenant, campaign_id: str, fields: dict[str, Any], day: dt.date) -> tuple[Campaign, str]:
    """Give the campaign these fields; its products stay. Honours If-Match."""
    return _change(tenant, campaign_id, lambda found: replace(found, **fields), day)


def replace_products(tenant: Tenant, campaign_id: str, item_ids: Iterable[str], day: dt.date) -> tuple[Campaign, str]:
    """Give the campaign these products and no others; honours If-Match, raises Invalid for those that are not there."""
    wanted = tuple(dict.fromkeys(item_ids))
    _check_known(tenant, wanted)
    return _change(tenant, campaign_id, lambda found: replace(found, item_ids=wanted), day)


def delete(tenant: Tenant, campaign_id: str, day: dt.date) -> None:
    """Delete the campaign; raises Conflict while it runs. Honours If-Match."""

    def write(edit: CatalogEdit) -> None:
        found, version = Campaigns(tenant).get(campaign_id, edit.transaction)
        check_if_match(version)
        found.check_deletable(day)
        Campaigns(tenant).delete(edit.transaction, campaign_id)
        edit.remove(_TABLE, campaign_id)

    edit_catalog(tenant, write)


def products(
    tenant: Tenant, campaign_id: str, sort: tuple[SortKey, ...], offset: int, size: int
) -> tuple[int, list[dict[str, Any]], str]:
    """How many of the campaign's products the catalog holds, the rows of one page, and the campaign's version."""
    catalog = current_catalog(tenant)
    found, version = Campaigns(tenant).get(campaign_id)
    mine = pl.col("item_id").is_in(list(found.item_ids))
    total, rows = catalog.items.page(mine, sort, offset, size)
    return total, rows[list(PUBLIC_COLUMNS)].rows(named=True), version


def campaign_performance(config: Config, tenant: Tenant, campaign_id: str, day: dt.date) -> dict[str, Any]:
    """What the campaign brought; see functions/campaigns/performance.py."""
    found, _ = Campaigns(tenant).get(campaign_id)
    return performance(config, tenant, found, day)


def _change(tenant: Tenant, campaign_id: str, to: Callable[[Campaign], Campaign], day: dt.date) -> tuple[Campaign, str]:
    def write(edit: CatalogEdit) -> Versioned[Campaign]:
        found, version = Campaigns(tenant).get(campaign_id, edit.transaction)
        check_if_match(version)
        return _put(tenant, edit, to(found), day)

    changed = edit_catalog(tenant, write)
    return changed.value, changed.version


def _put(tenant: Tenant, edit: CatalogEdit, changed: Campaign, day: dt.date) -> Versioned[Campaign]:
    """Write the document, and the catalog's record, which there is until the campaign ends."""
    if changed.status(day) is CampaignStatus.ENDED:
        edit.remove(_TABLE, changed.campaign_id)
    else:
        record = {name: getattr(changed, name) for name in SIDE_TABLES[_TABLE].names()}
        edit.put(_TABLE, record | {"item_ids": list(changed.item_ids)})
    return Campaigns(tenant).put(edit.transaction, changed)


def _check_known(tenant: Tenant, item_ids: tuple[str, ...]) -> None:
    """Raises Invalid naming products that the catalog does not hold."""
    if not item_ids:
        return
    known = set(current_catalog(tenant).items.frame["item_id"])
    unknown = [(number, item) for number, item in enumerate(item_ids) if item not in known]
    if unknown:
        raise InvalidLines([ProductNotFound(item).at(f"/item_ids/{number}") for number, item in unknown], _NAMED_ITEMS)
