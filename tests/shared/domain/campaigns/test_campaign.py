"""A campaign's dates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.campaign import MAX_ITEMS, Campaign, CampaignStatus
from shared.domain.errors import Conflict, Invalid

DAY = dt.timedelta(1)
_DATES = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))


@given(_DATES, st.integers(0, 400), _DATES)
def test_it_is_planned_then_runs_then_has_ended(start: dt.date, days: int, today: dt.date) -> None:
    campaign = Campaign("1", "Summer", start, start + days * DAY)
    assert campaign.days == days + 1
    steps = [campaign.status(day) for day in (start - DAY, start, campaign.end_date, campaign.end_date + DAY)]
    assert steps == [
        CampaignStatus.PLANNED,
        CampaignStatus.RUNNING,
        CampaignStatus.RUNNING,
        CampaignStatus.ENDED,
    ]
    order = list(CampaignStatus)
    assert order.index(campaign.status(today)) <= order.index(campaign.status(today + DAY))


@given(_DATES, st.integers(1, 400))
def test_it_never_ends_before_it_starts(start: dt.date, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        Campaign("1", "Summer", start, start - days * DAY)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("end_before_start", "/end_date")
    assert str(start) in refused.value.detail


@given(_DATES, st.integers(0, 30), st.integers(-40, 40))
def test_it_can_be_deleted_unless_it_runs(start: dt.date, days: int, offset: int) -> None:
    campaign, today = Campaign("1", "Summer", start, start + days * DAY), start + offset * DAY
    if 0 <= offset <= days:
        with pytest.raises(Conflict) as refused:
            campaign.check_deletable(today)
        assert refused.value.code == "campaign_running"
        assert "Summer" in refused.value.detail
    else:
        campaign.check_deletable(today)


@pytest.mark.parametrize(
    "items", [[str(one) for one in range(MAX_ITEMS + 1)], ["漢" * 400 + str(one) for one in range(800)]]
)
def test_it_takes_no_more_products_than_a_document(items: list[str]) -> None:
    start = dt.date(2024, 6, 1)
    Campaign("1", "Summer", start, start, tuple(items[: MAX_ITEMS // 10]))
    with pytest.raises(Invalid) as refused:
        Campaign("1", "Summer", start, start, tuple(items))
    assert refused.value.code == "too_many_products"
    assert "5,000" in refused.value.detail
