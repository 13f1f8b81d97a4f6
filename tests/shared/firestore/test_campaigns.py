"""Campaigns as documents: with their products, in lists without them, and what an item is in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.campaigns.campaign import Campaign, CampaignProduct, CampaignStatus, GivenStatus
from shared.domain.errors import NotFound
from shared.firestore.campaigns import Campaigns
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(1)
FULL = Campaign(
    "a/1 %",
    "Summer",
    TODAY,
    TODAY + DAY,
    (CampaignProduct("x", Decimal("12.50"), "families"), CampaignProduct("y/z")),
    campaign_type="season",
    given_status=GivenStatus(CampaignStatus.PLANNED, TODAY),
    description="For\nthe sun",
    budget=Decimal("1000.00"),
    created_by="someone",
)


def put(client: TestClient, *campaigns: Campaign) -> None:
    def write(transaction: object) -> None:
        for one in campaigns:
            Campaigns(client.tenant).put(transaction, one)  # type: ignore[arg-type]

    client.tenant.transact(write)


def test_a_campaign_comes_back_as_it_was(client: TestClient) -> None:
    bare = Campaign("b", "Bare", TODAY, TODAY)
    put(client, FULL, bare)
    campaigns = Campaigns(client.tenant)
    found = campaigns.get(FULL.campaign_id)
    assert (found.value, str(found.value.products[0].discount), str(found.value.budget)) == (FULL, "12.50", "1000.00")
    assert campaigns.get("b").value == bare
    put(client, replace(bare, name="Barer"))
    assert campaigns.get("b").version > found.version
    client.tenant.transact(lambda transaction: campaigns.delete(transaction, "b"))
    with pytest.raises(NotFound):
        campaigns.get("b")


def test_a_list_knows_all_but_the_products(client: TestClient) -> None:
    put(client, FULL, Campaign("b", "Bare", TODAY, TODAY))
    campaigns = Campaigns(client.tenant)
    full, bare = campaigns.summaries()
    assert (full.campaign, full.product_count) == (replace(FULL, products=()), 2)
    assert (bare.campaign.campaign_id, bare.product_count) == ("b", 0)
    stored = campaigns.get(FULL.campaign_id)
    assert (full.created_at, full.updated_at) == (stored.created_at, stored.updated_at)


def test_the_campaigns_of_an_item_come_by_their_start(client: TestClient) -> None:
    before = Campaign("0", "Before", TODAY - 9 * DAY, TODAY - DAY, (CampaignProduct("x"),))
    put(client, FULL, before)
    campaigns = Campaigns(client.tenant)
    assert campaigns.of_item("x") == [before, FULL]
    assert campaigns.of_item("y/z") == [FULL]
    assert campaigns.of_item("z") == []
