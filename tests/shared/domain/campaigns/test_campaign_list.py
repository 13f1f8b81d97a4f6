"""What a list of campaigns is narrowed to, and its order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.campaigns.campaign_list import SORTABLE, CampaignFilter, ListedCampaign, narrowed, ordered

TODAY = dt.date(2024, 6, 3)
NOON = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(1)


def listed(campaign_id: str, start: int, days: int, **fields: Any) -> ListedCampaign:
    first = TODAY + start * DAY
    campaign = Campaign(campaign_id, fields.pop("name", campaign_id), first, first + days * DAY, **fields)
    return ListedCampaign(campaign, 3, NOON, NOON)


SPRING = listed("spring", -40, 10, campaign_type="Season", budget=Decimal(100))
SUMMER = listed("summer", -2, 20, campaign_type="season", description="For the sun", budget=Decimal(250))
SALE = listed("sale", 0, 0, campaign_type="Clearance", name="Garden sále")
AUTUMN = listed("autumn", 90, 30)
ALL = [SPRING, SUMMER, SALE, AUTUMN]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CampaignFilter(), ALL),
        (CampaignFilter(search="gard SALE"), [SALE]),
        (CampaignFilter(search="sun"), [SUMMER]),
        (CampaignFilter(search="clear"), [SALE]),
        (CampaignFilter(statuses=(CampaignStatus.RUNNING,)), [SUMMER, SALE]),
        (CampaignFilter(statuses=(CampaignStatus.PLANNED, CampaignStatus.ENDED)), [SPRING, AUTUMN]),
        (CampaignFilter(campaign_types=("SEASON",)), [SPRING, SUMMER]),
        (CampaignFilter(campaign_types=("season", "clearance")), [SPRING, SUMMER, SALE]),
        (CampaignFilter(from_date=TODAY), [SUMMER, SALE, AUTUMN]),
        (CampaignFilter(to_date=TODAY - DAY), [SPRING, SUMMER]),
        (CampaignFilter(from_date=TODAY, to_date=TODAY), [SUMMER, SALE]),
        (CampaignFilter(min_budget=Decimal(100), max_budget=Decimal(200)), [SPRING]),
        (CampaignFilter(max_budget=Decimal(1000)), [SPRING, SUMMER]),
        (CampaignFilter(search="sun", campaign_types=("clearance",)), []),
    ],
)
def test_what_a_filter_leaves(wanted: CampaignFilter, expected: list[ListedCampaign]) -> None:
    assert narrowed(ALL, wanted, TODAY) == expected


_CAMPAIGNS = st.lists(
    st.builds(
        lambda number, start, days, name, kind, budget: listed(
            str(number), start, days, name=name, campaign_type=kind, budget=budget
        ),
        st.integers(),
        st.integers(-30, 30),
        st.integers(0, 30),
        st.sampled_from("abAB"),
        st.sampled_from([None, "x", "Y"]),
        st.sampled_from([None, Decimal(1), Decimal(2)]),
    ),
    unique_by=lambda entry: entry.campaign.campaign_id,
    max_size=12,
)
_SORT = st.lists(st.tuples(st.sampled_from(SORTABLE), st.booleans()), max_size=3, unique_by=lambda key: key[0])


@given(_CAMPAIGNS, _SORT, st.randoms())
def test_the_order_is_the_same_however_they_come(
    campaigns: list[ListedCampaign], sort: list[tuple[str, bool]], random: Any
) -> None:
    shuffled = random.sample(campaigns, len(campaigns))
    result = ordered(campaigns, sort, TODAY)
    assert result == ordered(shuffled, sort, TODAY)
    assert sorted(entry.campaign.campaign_id for entry in result) == sorted(
        entry.campaign.campaign_id for entry in campaigns
    )


@given(_CAMPAIGNS, st.booleans())
def test_without_a_value_comes_last_and_equal_ones_by_their_id(
    campaigns: list[ListedCampaign], descending: bool
) -> None:
    result = ordered(campaigns, [("budget", descending)], TODAY)
    budgets = [entry.campaign.budget for entry in result]
    present = [budget for budget in budgets if budget is not None]
    assert present == sorted(present, reverse=descending)
    assert budgets == present + [None] * (len(budgets) - len(present))
    for budget in {None, *present}:
        ids = [entry.campaign.campaign_id for entry in result if entry.campaign.budget == budget]
        assert ids == sorted(ids)
