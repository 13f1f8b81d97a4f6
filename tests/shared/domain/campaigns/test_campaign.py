"""A campaign's dates, its status and its products."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.campaigns.campaign import MAX_PRODUCTS, Campaign, CampaignProduct, CampaignStatus, GivenStatus
from shared.domain.dates import DateRange
from shared.domain.errors import Conflict, Invalid

DAY = dt.timedelta(1)
_DATES = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))
_ORDER = list(CampaignStatus)


@given(_DATES, st.integers(0, 400), _DATES)
def test_it_is_planned_then_runs_then_has_ended(start: dt.date, days: int, today: dt.date) -> None:
    campaign = Campaign("1", "Summer", start, start + days * DAY)
    assert campaign.days_run == DateRange(start, start + days * DAY)
    steps = [campaign.status(day) for day in (start - DAY, start, campaign.end_date, campaign.end_date + DAY)]
    assert steps == [
        CampaignStatus.PLANNED,
        CampaignStatus.RUNNING,
        CampaignStatus.RUNNING,
        CampaignStatus.ENDED,
    ]
    assert _ORDER.index(campaign.status(today)) <= _ORDER.index(campaign.status(today + DAY))


@given(st.sampled_from(CampaignStatus), st.integers(-20, 20), st.integers(0, 10))
def test_a_given_status_is_what_it_has_on_that_day(status: CampaignStatus, offset: int, days: int) -> None:
    start = dt.date(2024, 6, 1)
    today = start + offset * DAY
    campaign = Campaign("1", "Summer", start, start + days * DAY)
    changed = campaign.with_status(status, today)
    assert changed.status(today) is status
    assert changed.holds_given_status(today) is (status is not campaign.status(today))
    assert changed.with_status(None, today) == campaign


@given(st.integers(-20, 20), st.integers(0, 10))
def test_a_status_that_its_dates_say_anyway_is_not_held(offset: int, days: int) -> None:
    """A form sends back what it was shown: the campaign goes on as planned."""
    start = dt.date(2024, 6, 1)
    campaign, today = Campaign("1", "Summer", start, start + days * DAY), start + offset * DAY
    assert campaign.with_status(campaign.status(today), today) == campaign


@given(st.sampled_from(CampaignStatus), st.integers(-20, 20), st.integers(0, 10), st.integers(0, 60))
def test_a_given_status_holds_until_the_dates_bring_the_next(
    status: CampaignStatus, offset: int, days: int, later: int
) -> None:
    start = dt.date(2024, 6, 1)
    given_on = start + offset * DAY
    by_dates = Campaign("1", "Summer", start, start + days * DAY)
    campaign, day = by_dates.with_status(status, given_on), given_on + later * DAY
    if status is CampaignStatus.ENDED and campaign.given_status is not None:
        assert campaign.status(day) is CampaignStatus.ENDED
    elif by_dates.status(day) is by_dates.status(given_on):
        assert campaign.status(day) is status
    else:
        assert campaign.status(day) is by_dates.status(day)


@pytest.mark.parametrize(
    ("given_status", "run"),
    [
        (None, (1, 9)),
        (GivenStatus(CampaignStatus.ENDED, dt.date(2024, 6, 4)), (1, 4)),
        (GivenStatus(CampaignStatus.ENDED, dt.date(2024, 5, 20)), None),
        (GivenStatus(CampaignStatus.ENDED, dt.date(2024, 6, 20)), (1, 9)),
        (GivenStatus(CampaignStatus.RUNNING, dt.date(2024, 5, 31)), (0, 9)),
    ],
)
def test_the_days_on_which_it_ran(given_status: GivenStatus | None, run: tuple[int, int] | None) -> None:
    first = dt.date(2024, 5, 31)
    campaign = Campaign("1", "Summer", first + DAY, first + 9 * DAY, given_status=given_status)
    assert campaign.days_run == (run and DateRange(first + run[0] * DAY, first + run[1] * DAY))


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
        campaign.with_status(CampaignStatus.ENDED, today).check_deletable(today)
    else:
        campaign.check_deletable(today)


@pytest.mark.parametrize(
    "products",
    [
        [CampaignProduct(str(number)) for number in range(MAX_PRODUCTS + 1)],
        [CampaignProduct("漢" * 400 + str(number)) for number in range(800)],
        [CampaignProduct(str(number), target_audience="漢" * 200) for number in range(2000)],
    ],
)
def test_it_takes_no_more_products_than_a_document(products: list[CampaignProduct]) -> None:
    start = dt.date(2024, 6, 1)
    Campaign("1", "Summer", start, start, tuple(products[: MAX_PRODUCTS // 10]))
    with pytest.raises(Invalid) as refused:
        Campaign("1", "Summer", start, start, tuple(products))
    assert (refused.value.code, refused.value.errors[0].pointer) == ("too_many_products", "/products")
    assert "5,000" in refused.value.detail


def test_it_has_a_product_once() -> None:
    campaign = Campaign("1", "Summer", dt.date(2024, 6, 1), dt.date(2024, 6, 1))
    products = tuple(CampaignProduct(item) for item in ("a", "b", "a", "b"))
    with pytest.raises(Invalid) as refused:
        replace(campaign, products=products)
    assert refused.value.code == "product_named_twice"
    assert [error.pointer for error in refused.value.errors] == ["/products/2/item_id", "/products/3/item_id"]
