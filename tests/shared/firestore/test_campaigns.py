"""Campaigns as documents: their pages by date, what an item is in, documents of before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.errors import Invalid, NotFound
from shared.firestore.campaigns import Campaigns
from shared.firestore.page import PageRequest
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(1)
FULL = Campaign(
    "a/1 %",
    "Summer",
    TODAY,
    TODAY + DAY,
    ("x", "y/z"),
    "For\nthe sun",
    Decimal("12.50"),
    Decimal("1000.00"),
    "someone",
    dt.datetime(2024, 5, 1, 9, 30, tzinfo=dt.UTC),
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
    stored = campaigns.get(FULL.campaign_id)
    found = stored.value
    assert (found, str(found.discount_percent), str(found.budget)) == (FULL, "12.50", "1000.00")
    assert campaigns.get("b").value == bare
    put(client, replace(bare, name="Barer"))
    assert campaigns.get("b").version > stored.version
    client.tenant.transact(lambda transaction: campaigns.delete(transaction, "b"))
    with pytest.raises(NotFound):
        campaigns.get("b")


def test_a_document_of_before_is_read(client: TestClient) -> None:
    fields = {"campaign_id": "1", "name": "Summer", "status": "planned", "start_date": "2024-06-01"}
    document = client.tenant.collection("campaigns").document("1")
    document.set(fields | {"end_date": "2024-06-30", "item_ids": ["b"]})
    expected = Campaign("1", "Summer", dt.date(2024, 6, 1), dt.date(2024, 6, 30), ("b",))
    assert Campaigns(client.tenant).get("1").value == expected
    assert Campaigns(client.tenant).of_item("b") == [expected]
    assert expected.status(TODAY) is CampaignStatus.RUNNING


def test_the_campaigns_of_an_item_come_by_their_start(client: TestClient) -> None:
    before = Campaign("0", "Before", TODAY - 9 * DAY, TODAY - DAY, ("x",))
    put(client, FULL, before)
    campaigns = Campaigns(client.tenant)
    assert campaigns.of_item("x") == [before, FULL]
    assert [campaign.status(TODAY).value for campaign in campaigns.of_item("x")] == ["ended", "running"]
    assert campaigns.of_item("y/z") == [FULL]
    assert FULL.status(TODAY - DAY) is CampaignStatus.PLANNED
    assert campaigns.of_item("z") == []


@pytest.fixture(scope="module")
def many(running: Running) -> tuple[TestClient, list[Campaign]]:
    """Campaigns around today, several of them of the same days."""
    client = TestClient(running.base_url).create()
    made = [
        Campaign(f"{start}/{length}/{twin}", "x", TODAY + start * DAY, TODAY + (start + length) * DAY)
        for start in (-9, -1, 0, 1, 7)
        for length in (0, 1, 8, 9, 10)
        for twin in range(2)
    ]
    put(client, *made)
    return client, made


_KEYS: dict[CampaignStatus | None, Callable[[Campaign], tuple[dt.date, ...]]] = {
    None: lambda one: (one.start_date,),
    CampaignStatus.PLANNED: lambda one: (one.start_date,),
    CampaignStatus.RUNNING: lambda one: (one.end_date, one.start_date),
    CampaignStatus.ENDED: lambda one: (one.end_date,),
}


@pytest.mark.parametrize("size", [3, 100])
@pytest.mark.parametrize("status", _KEYS)
def test_pages_hold_those_of_a_status_once_each(
    many: tuple[TestClient, list[Campaign]], status: CampaignStatus | None, size: int
) -> None:
    client, made = many
    found: list[Campaign] = []
    position: str | None = None
    while True:
        page, position, _ = Campaigns(client.tenant).page(PageRequest(size, position=position), status, TODAY)
        found += page
        if position is None:
            break
    expected = [one for one in made if status is None or one.status(TODAY) is status]
    assert sorted(found, key=lambda one: one.campaign_id) == sorted(expected, key=lambda one: one.campaign_id)
    keys = [_KEYS[status](one) for one in found]
    assert keys == sorted(keys, reverse=status in (None, CampaignStatus.ENDED))
    assert len(expected) > 5


@pytest.mark.parametrize(
    "position", ["", "x", "2024-06-01\n2024-06-02", "2024-06-01\nsoon\n1", "2024-06-01\n2024-06-02\n"]
)
def test_a_position_that_no_page_gave_is_refused(client: TestClient, position: str) -> None:
    with pytest.raises(Invalid) as refused:
        Campaigns(client.tenant).page(PageRequest(5, position=position), None, TODAY)
    assert refused.value.code == "invalid_page_token"
