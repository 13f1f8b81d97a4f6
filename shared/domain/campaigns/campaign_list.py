"""A list of campaigns: what it is narrowed to and how it is sorted, the same for however many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.domain.campaigns.campaign import Campaign, CampaignStatus
from shared.domain.folding import folded, sorting_key
from shared.domain.name_search import words


@dataclass(frozen=True)
class ListedCampaign:
    """A campaign as lists show it: `campaign` has no products here, `product_count` says how many it has."""

    campaign: Campaign
    product_count: int
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class CampaignFilter:
    """What a list of campaigns is narrowed to; several values mean any of them, None and () everything.

    `search` is found in names, types and descriptions. `from_date` and `to_date` leave the campaigns with a day between
    them, both included.
    """

    search: str | None = None
    statuses: tuple[CampaignStatus, ...] = ()
    campaign_types: tuple[str, ...] = ()
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    min_budget: Decimal | None = None
    max_budget: Decimal | None = None


_Value = Callable[[ListedCampaign, dt.date], Any]
_SORT_VALUES: dict[str, _Value] = {
    "name": lambda listed, _: sorting_key(listed.campaign.name),
    "campaign_type": lambda listed, _: listed.campaign.campaign_type and folded(listed.campaign.campaign_type),
    "status": lambda listed, today: list(CampaignStatus).index(listed.campaign.status(today)),
    "start_date": lambda listed, _: listed.campaign.start_date,
    "end_date": lambda listed, _: listed.campaign.end_date,
    "budget": lambda listed, _: listed.campaign.budget,
    "product_count": lambda listed, _: listed.product_count,
    "created_at": lambda listed, _: listed.created_at,
    "updated_at": lambda listed, _: listed.updated_at,
}
SORTABLE = tuple(_SORT_VALUES)


def narrowed(campaigns: Iterable[ListedCampaign], wanted: CampaignFilter, today: dt.date) -> list[ListedCampaign]:
    """The campaigns that the filter leaves; statuses are those of `today`."""
    types = {folded(name) for name in wanted.campaign_types}
    return [listed for listed in campaigns if _passes(listed.campaign, wanted, types, today)]


def ordered(
    campaigns: Iterable[ListedCampaign], sort: Sequence[tuple[str, bool]], today: dt.date
) -> list[ListedCampaign]:
    """Sorted by columns of SORTABLE, each ascending or (True) descending, then by id; without a value comes last."""
    result = sorted(campaigns, key=lambda listed: listed.campaign.campaign_id)
    for column, descending in reversed(sort):
        value = _SORT_VALUES[column]
        missing = [listed for listed in result if value(listed, today) is None]
        present = [listed for listed in result if value(listed, today) is not None]
        present.sort(key=lambda listed, value=value: value(listed, today), reverse=descending)  # type: ignore[misc]
        result = present + missing
    return result


def _passes(campaign: Campaign, wanted: CampaignFilter, types: set[str], today: dt.date) -> bool:
    budget = campaign.budget
    return (
        (not wanted.statuses or campaign.status(today) in wanted.statuses)
        and (not types or folded(campaign.campaign_type or "") in types)
        and (wanted.from_date is None or campaign.end_date >= wanted.from_date)
        and (wanted.to_date is None or campaign.start_date <= wanted.to_date)
        and (wanted.min_budget is None or (budget is not None and budget >= wanted.min_budget))
        and (wanted.max_budget is None or (budget is not None and budget <= wanted.max_budget))
        and (not wanted.search or _is_found(campaign, wanted.search))
    )


def _is_found(campaign: Campaign, search: str) -> bool:
    """Whether each word of the search begins a word of its texts."""
    known = words(f"{campaign.name} {campaign.campaign_type or ''} {campaign.description or ''}")
    return all(any(word.startswith(looked_for) for word in known) for looked_for in words(search))
